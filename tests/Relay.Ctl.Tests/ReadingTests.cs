using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Ctl.Tests;

/// <summary>Commands that only ask.</summary>
public abstract class ReadingTests(FleetStart fleet)
{
    [Fact]
    public async Task Fleet_AsATable_SaysWhatItCarriesAndWhatIsWrong()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add(new SimulatedNode("edge-1", world.Fleet) { TcpTunnels = 30, UdpTunnels = 12, IsOpenRelay = true });
        world.Add("edge-2");
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "fleet")).Done();
        var coordination = (await world.Fleet.GetOverviewAsync(default)).Coordination == "local"
            ? "local: in memory, no high availability"
            : "orleans, 1 coordinator";
        Assert.Contains(coordination, run.Output, StringComparison.Ordinal);
        Assert.Contains("2 serving", run.Output, StringComparison.Ordinal);
        Assert.Contains("30 TCP, 12 UDP", run.Output, StringComparison.Ordinal);
        Assert.Contains("edge-1 asks clients for no credential", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_AsATable_HasALineForEach()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1", tcp: 1204);
        world.Add("edge-2");
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "nodes")).Done();
        Assert.Equal(3, run.Lines.Length);
        Assert.StartsWith("NODE", run.Lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^edge-1 +serving +0 +1,204 ", run.Lines[1]);
    }

    [Fact]
    public async Task Nodes_AsJson_IsThePageOfTheApi()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        for (var i = 0; i < 3; i++)
            world.Add($"edge-{i}", tcp: i);
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "--json", "nodes")).Done();
        Assert.Equal(["edge-0", "edge-1", "edge-2"], run.Json["items"]!.AsArray()
            .Select(static n => (string)n!["id"]!));
        Assert.Equal("serving", (string)run.Json["items"]![0]!["state"]!);
    }

    [Fact]
    public async Task Nodes_OfAnEmptyFleet_SaysSoBesideTheOutput()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var run = (await Relayctl.RunAsync(world, "nodes")).Done();
        Assert.Equal("", run.Output);
        Assert.Equal("No node has reported yet.", run.Error.Trim());
    }

    [Fact]
    public async Task Node_IsShownWithItsLoopsLeasesAndWarnings()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await world.Fleet.PutPoolAsync(
            new PrefixPool { Name = "v4", Prefix = Prefix.Parse("198.51.100.0/28"), BlockLength = 28 }, "", default);
        world.Add(new SimulatedNode("edge-1", world.Fleet)
        {
            Pools = ["v4"],
            Warnings = ["its certificate expires soon"],
        });
        await world.StepAsync(2);
        var run = (await Relayctl.RunAsync(world, "node", "edge-1")).Done();
        Assert.Contains("198.51.100.0/28 of v4, held", run.Output, StringComparison.Ordinal);
        Assert.Contains("its certificate expires soon", run.Output, StringComparison.Ordinal);
        Assert.Contains("loop 3", run.Output, StringComparison.Ordinal);
        Assert.Equal("edge-1", (string)(await Relayctl.RunAsync(world, "node", "edge-1", "--json")).Done().Json["id"]!);
    }

    [Fact]
    public async Task Sessions_ByNodeIdentityAndEgress_AreFound()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var first = world.Add("edge-1");
        var second = world.Add("edge-2");
        first.Open(SampleFleet.Session("a1", "credential:alice", "192.0.2.1"));
        first.Open(SampleFleet.Session("b1", "credential:bob", "192.0.2.2"));
        second.Open(SampleFleet.Session("a2", "credential:alice", "2001:db8::2"));
        await world.StepAsync();
        Assert.Equal(["a1", "a2"], await IdsAsync("--identity", "credential:alice"));
        Assert.Equal(["a1", "b1"], await IdsAsync("--node", "edge-1"));
        Assert.Equal(["a2"], await IdsAsync("--egress", "2001:db8::2"));
        var table = (await Relayctl.RunAsync(world, "sessions", "list", "--limit", "1")).Done();
        Assert.Equal(2, table.Lines.Length);
        Assert.Contains("there are more", table.Error, StringComparison.Ordinal);
        Assert.Contains("credential:bob", (await Relayctl.RunAsync(world, "sessions", "show", "b1"))
            .Done().Output, StringComparison.Ordinal);

        async Task<string[]> IdsAsync(params string[] arguments) =>
            [.. (await Relayctl.RunAsync(world, ["sessions", "--json", .. arguments])).Done().Json["items"]!.AsArray()
                .Select(static s => (string)s!["id"]!).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Stats_OfAWindow_AreShown()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1");
        await world.StepAsync();
        world.Clock.Move(TimeSpan.FromSeconds(10));
        node.Carry(120_000_000, 12_000_000, 7);
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "stats", "--window", "1m")).Done();
        Assert.Contains("120 MB in all", run.Output, StringComparison.Ordinal);
        Assert.Contains("edge-1", run.Output, StringComparison.Ordinal);
        Assert.NotEmpty((await Relayctl.RunAsync(world, "stats", "--json")).Done().Json["series"]!.AsArray());
        Assert.Equal(1, (await Relayctl.RunAsync(world, "stats", "--window", "2h")).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "stats", "--window", "long")).Status);
    }

    [Fact]
    public async Task NodeHistory_OfAWindow_IsShown()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 1204);
        await world.StepAsync();
        world.Clock.Move(TimeSpan.FromSeconds(10));
        node.Carry(120_000_000, 12_000_000, 7);
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "nodes", "history", "edge-1", "--window", "15m")).Done();
        Assert.StartsWith("UNTIL", run.Lines[0], StringComparison.Ordinal);
        // Over how long it came is the machine's doing.
        Assert.Matches(@"\d MB/s +[\d.]+ [kM]B/s +1,2\d\d ", run.Output);
        var json = (await Relayctl.RunAsync(world, "nodes", "history", "edge-1", "--json")).Done().Json;
        Assert.Equal(("edge-1", 60), ((string)json["node"]!, (int)json["stepSeconds"]!));
        Assert.Equal(1, (await Relayctl.RunAsync(world, "nodes", "history", "edge-1", "--window", "3h")).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "nodes", "history", "edge-1", "--window", "long")).Status);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "nodes", "history", "nobody")).Status);
    }

    [Fact]
    public async Task Events_AsTheyHappen_AreWrittenUntilTheCountIsFull()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        // Who asks for what follows an event of another run learns at once where this one stands.
        var position = (await world.Fleet.ReadEventsAsync("another-17", default)).Position;
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, "events", "--since", position, "--count", "1", "--kind", "node"))
            .Done();
        Assert.Contains("edge-1 joined", run.Output, StringComparison.Ordinal);
        var json = (await Relayctl.RunAsync(world, "events", "--since", position, "--count", "1", "--json")).Done();
        Assert.Equal("edge-1", (string)json.Json["node"]!);
    }

    [Fact]
    public async Task History_IsReadNewestFirst_AndByWhoAndWhat()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        await world.StepAsync();
        (await Relayctl.RunAsync(world, "limits", "put", "*", "--tunnels", "1")).Done();
        // What was done is told behind the answer to who did it.
        var run = await Eventually.HoldsAsync(
            "the history", () => Relayctl.RunAsync(world, "history", "--kind", "action", "--actor", "local", "--subject", "*"),
            static run => run.Done().Output.Contains("local set the limit of *", StringComparison.Ordinal));
        Assert.DoesNotContain("edge-1", run.Output, StringComparison.Ordinal);
        var all = (await Relayctl.RunAsync(world, "history", "--json")).Done().Json["items"]!.AsArray();
        Assert.Contains(all, static item => (string?)item!["node"] == "edge-1");
        Assert.Equal(all.Select(static item => (long)item!["number"]!).OrderDescending(), all.Select(static item => (long)item!["number"]!));
        Assert.Contains("there are more", (await Relayctl.RunAsync(world, "history", "--limit", "1")).Done().Error, StringComparison.Ordinal);
        Assert.Contains("Nothing fits", (await Relayctl.RunAsync(world, "history", "--actor", "nobody")).Done().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppleProfile_IsWrittenToAFile()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            (await Relayctl.RunAsync(
                world, "profile", "apple", "--relay", "relay.example.com:443", "--match-domain", "example.com",
                "--name", "Example", "--output", path)).Done();
            var profile = await File.ReadAllTextAsync(path);
            Assert.Contains("com.apple.relay.managed", profile, StringComparison.Ordinal);
            Assert.Contains("example.com", profile, StringComparison.Ordinal);
            Assert.Equal(
                profile.Trim(), (await Relayctl.RunAsync(world, "profile", "apple", "--relay", "relay.example.com:443",
                "--match-domain", "example.com", "--name", "Example")).Done().Output.Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task AppleProfile_NamesHttp2UnlessToldNotTo()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        string[] command = ["profile", "apple", "--relay", "relay.example.com"];
        Assert.Contains("HTTP2RelayURL", (await Relayctl.RunAsync(world, command)).Done().Output, StringComparison.Ordinal);
        var alone = (await Relayctl.RunAsync(world, [.. command, "--no-http2"])).Done().Output;
        Assert.Contains("HTTP3RelayURL", alone, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP2RelayURL", alone, StringComparison.Ordinal);
    }
}
