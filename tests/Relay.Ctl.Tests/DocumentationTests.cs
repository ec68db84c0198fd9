using System.Text;
using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.State;
using Relay.Fleet.Users;
using Relay.Testing.Certificates;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Ctl.Tests;

/// <summary>Every command line of the documentation does what it is there for.</summary>
public sealed class DocumentationTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<string, string> Lines
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (where, line) in DocumentedLines.All())
                data.Add(where, line);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Line_OfTheDocumentation_IsDone(string where, string line)
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        foreach (var name in (string[])["edge-1", "edge-2", "edge-3", "edge-4"])
            world.Add(new SimulatedNode(name, world.Fleet) { Version = "0.1.0" });
        await world.StepAsync();
        await world.Fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        await world.Fleet.AddDeviceAsync("alice", DeviceSecret.Create("phone", null).Device, default);
        var store = (await world.Fleet.GetUserStoreAsync(default)).Store;
        var words = Here(DocumentedLines.Words(line), world, store);
        if (words is ["users", "add", var added, ..])
            await world.Fleet.DeleteUserAsync(added, null, default);
        var isUndrain = words[0] == "undrain";
        if (isUndrain)
        {
            await world.Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["edge-1"] }, default);
            await world.StepAsync(3);
        }
        if (words.Contains("unquarantine"))
            Assert.True((await world.Fleet.QuarantineNodeAsync(words[^1], null, default)).IsOk);

        using var interrupt = new CancellationTokenSource();
        await using var output = new WatchedWriter();
        var running = Relayctl.RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri }, output, interrupt.Token,
            [.. words]);
        if (words.Contains("--follow"))
        {
            await ComeAndGoUntilAsync(world, () => output.ToString().Contains("late-", StringComparison.Ordinal));
            await interrupt.CancelAsync();
        }
        else if (words.Contains("--watch"))
        {
            await DriveAsync(world, running);
        }

        var run = await running.WaitAsync(Eventually.Limit);
        var expected = words.Contains("--follow") ? 130 : 0;
        Assert.True(run.Status == expected, $"{where}: {line}\nstatus {run.Status}: {run.Error}{run.Output}");
        if (isUndrain)
        {
            await world.StepAsync(2);
            Assert.Equal(NodeState.Serving, world.Nodes[0].State);
        }
    }

    [Theory]
    [InlineData("relayctl limits put '*' --sessions 8", "limits", "put", "*", "--sessions", "8")]
    [InlineData("relayctl drain --reason \"roll out 0.2.0\"  # why", "drain", "--reason", "roll out 0.2.0")]
    [InlineData("relayctl sessions --egress '[::1]:1#2'#3", "sessions", "--egress", "[::1]:1#2#3")]
    public void Words_OfALine_AreThoseOfAShell(string line, params string[] expected) =>
        Assert.Equal(expected, DocumentedLines.Words(line));

    public void Dispose() => _folder.Dispose();

    /// <summary>What stands for something of the reader's, put into this world.</summary>
    private List<string> Here(List<string> words, FleetWorld world, Guid store) =>
        words.ConvertAll(word => word switch
        {
            "NODE" or "MACHINE" => "edge-1",
            "COMMAND" => "nodes",
            "STORE" => store.ToString(),
            "https://localhost:8480" => world.Address.AbsoluteUri,
            "ca.pem" => _folder.Write(word, Authority()),
            "operator-token" => _folder.Write(word, "a-token-of-an-operator-0123456789"),
            "relay.mobileconfig" or "relay.curlrc" or "relay.pac" or "relay.json" => _folder.File(word),
            "phone-token" => _folder.Write(word, "a-token-of-a-phone-0123456789\n"),
            "phone.json" => _folder.Write(word, """{"matchDomains":["example.com"],"expiresAt":"2199-01-01T00:00:00Z"}"""),
            "mdm.json" => _folder.Write(word, """{"identity":{"reference":"the-identity"},"relayUuid":false}"""),
            "fleet.json" => words.Contains("import") ? _folder.Write(word, Exported) : _folder.File(word),
            _ => word,
        });

    private static string Exported => Encoding.UTF8.GetString(FleetStateJson.Write(
        new FleetState { Version = FleetState.CurrentVersion, Generation = "g" }));

    private static string Authority()
    {
        using var certificate = SelfSigned.Create("authority");
        return certificate.ExportCertificatePem();
    }

    /// <summary>A node comes and goes: what follows events sees that as soon as it listens.</summary>
    private static async Task ComeAndGoUntilAsync(FleetWorld world, Func<bool> isEnough)
    {
        var late = new SimulatedNode("late-1", world.Fleet);
        await Eventually.HoldsAsync(async () =>
        {
            await late.ReportAsync();
            await late.LeaveAsync(world.Fleet);
            await late.RestartAsync();
            await world.TickAsync();
            return isEnough();
        });
    }

    /// <summary>Nodes report and drain, and an operator brings each back, until the drain that is watched has ended.</summary>
    private static Task DriveAsync(FleetWorld world, Task running) => Eventually.HoldsAsync(async () =>
    {
        await world.StepAsync();
        foreach (var node in world.Nodes.Where(static node => node.State == NodeState.Drained))
            await world.Fleet.UndrainAsync(node.Name, default);
        return running.IsCompleted;
    });
}
