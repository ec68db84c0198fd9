using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Ctl.Tests;

/// <summary>Commands that change something.</summary>
public abstract class ChangeTests(FleetStart fleet)
{
    [Fact]
    public async Task Pool_PutShownLeasedRevokedAndDeleted()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add(new SimulatedNode("edge-1", world.Fleet) { Pools = ["v4"] });
        var put = (await Relayctl.RunAsync(world, "pools", "put", "v4", "198.51.100.0/24", "/28")).Done();
        Assert.Contains("16 of /28", put.Output, StringComparison.Ordinal);
        await world.StepAsync(2);
        var prefix = Assert.Single(node.Leases).Prefix.ToString();
        Assert.Matches($@"{prefix} +held +edge-1", (await Relayctl.RunAsync(world, "pools", "leases", "v4"))
            .Done().Output);

        var refused = await Relayctl.RunAsync(world, "pools", "delete", "v4");
        Assert.Equal(1, refused.Status);
        Assert.Contains("lease", refused.Error, StringComparison.Ordinal);

        Assert.Contains("releasing", (await Relayctl.RunAsync(world, "pools", "revoke", "v4", prefix))
            .Done().Output, StringComparison.Ordinal);
        node = world.Nodes[0];
        await world.StepAsync(2);
        Assert.Contains("quarantined", (await Relayctl.RunAsync(world, "pools", "leases", "v4"))
            .Done().Output, StringComparison.Ordinal);
        Assert.Matches(@"v4 +198\.51\.100\.0/24 +/28 +16", (await Relayctl.RunAsync(world, "pools", "list"))
            .Done().Output);
    }

    [Fact]
    public async Task Pool_SaidToBeNew_GrantsAtOnceUnlessItIsNot()
    {
        string[] put = ["pools", "put", "v4", "198.51.100.0/24", "/28", "--new-fleet"];
        await using var world = await FleetWorld.StartAsync(fleet, ago: TimeSpan.Zero);
        world.Add(new SimulatedNode("edge-1", world.Fleet) { Pools = ["v4"] });
        Assert.DoesNotContain(
            "grants from", (await Relayctl.RunAsync(world, put)).Done().Output, StringComparison.Ordinal);
        await world.StepAsync(2);

        var again = await Relayctl.RunAsync(world, put);

        Assert.Equal(1, again.Status);
        Assert.Contains("pool v4 is not new: edge-1 has 198.51.100.", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fleet_ExportedAndImported()
    {
        using var folder = new ScratchFolder();
        var file = folder.File("fleet.json");
        await using (var world = await FleetWorld.StartAsync(fleet))
        {
            (await Relayctl.RunAsync(world, "pools", "put", "v4", "198.51.100.0/24", "/28")).Done();
            (await Relayctl.RunAsync(world, "limits", "put", "anonymous", "--sessions", "2")).Done();
            (await Relayctl.RunAsync(world, "fleet", "export", "--output", file)).Done();
            Assert.Equal(await File.ReadAllTextAsync(file), (await Relayctl.RunAsync(world, "fleet", "export")).Done().Output);
        }
        await using var other = await FleetWorld.StartAsync(fleet);

        var imported = (await Relayctl.RunAsync(other, "fleet", "import", file)).Done();

        Assert.Matches(@"pools +1: v4\n *limits +1: anonymous\n *users +none are new\n *drains +none are new", imported.Output);
        (await Relayctl.RunAsync(other, "limits", "put", "anonymous", "--sessions", "3")).Done();
        var refused = await Relayctl.RunAsync(other, "fleet", "import", file);
        Assert.Equal(1, refused.Status);
        Assert.Contains("the limit of anonymous is another one here", refused.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{}");
        var none = await Relayctl.RunAsync(other, "fleet", "import", file);
        Assert.Equal(1, none.Status);
        Assert.Contains("not a fleet's state: it has no version", none.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Relayctl.RunAsync(other, "fleet", "import", folder.File("absent"))).Status);
        var unwritten = await Relayctl.RunAsync(other, "fleet", "export", "--output", folder.File("no/such"));
        Assert.Equal(2, unwritten.Status);
        Assert.StartsWith("relayctl: --output: ", unwritten.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_WithAVersionThatIsOld_IsNotChanged()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var version = (string)(await Relayctl.RunAsync(world, "--json", "pools", "put", "v4", "198.51.100.0/24", "28"))
            .Done()
            .Json["pool"]!["version"]!;
        (await Relayctl.RunAsync(world, "pools", "put", "v4", "198.51.100.0/24", "27", "--if-version", version)).Done();
        var late = await Relayctl.RunAsync(
            world, "pools", "put", "v4", "198.51.100.0/24", "26", "--if-version", version);
        Assert.Equal(1, late.Status);
        Assert.Equal(27, (await world.Fleet.GetPoolAsync("v4", default))!.Pool.BlockLength);
        (await Relayctl.RunAsync(world, "pools", "delete", "v4")).Done();
        Assert.Equal(1, (await Relayctl.RunAsync(world, "pools", "show", "v4")).Status);
    }

    [Fact]
    public async Task Pool_WithABlockOutOfRange_IsRefusedInOneLine()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var refused = await Relayctl.RunAsync(world, "pools", "put", "wide", "2001:db8::/40", "/64");
        Assert.Equal(1, refused.Status);
        Assert.Equal("relayctl: blockLength: not 40 to 60, for a pool of /40", refused.Error.Trim());
    }

    [Fact]
    public async Task User_AddedShownDisabledAndRevoked()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var added = (await Relayctl.RunAsync(world, "users", "add", "alice", "--device", "phone")).Done();
        Assert.Matches(@"secret +[A-Za-z0-9_-]{43}\n", added.Output);
        var again = await Relayctl.RunAsync(world, "users", "add", "alice");
        Assert.Equal((1, "relayctl: there is a user alice already"), (again.Status, again.Error.Trim()));
        var laptop = (await Relayctl.RunAsync(
            world, "--json", "users", "add-device", "alice", "laptop", "--expires", "2100-01-01T00:00:00Z")).Done().Json;
        (await Relayctl.RunAsync(world, "users", "add", "bob", "--expires", "2001-01-01T00:00:00Z")).Done();

        Assert.Matches(@"alice +active +- +- +0 B +phone, laptop\n *bob +expired", (await Relayctl.RunAsync(world, "users")).Done().Output);
        Assert.DoesNotContain("bob", (await Relayctl.RunAsync(world, "users", "list", "--search", "lic")).Done().Output, StringComparison.Ordinal);
        Assert.Contains("disabled", (await Relayctl.RunAsync(world, "users", "disable", "alice")).Done().Output, StringComparison.Ordinal);
        (await Relayctl.RunAsync(world, "users", "expire", "alice", "2100-01-01T00:00:00Z")).Done();
        var user = (await world.Fleet.GetUserAsync("alice", default))!;
        Assert.Equal((true, 2100, 2), (user.IsDisabled, user.ExpiresAt?.Year, user.Devices.Count));
        (await Relayctl.RunAsync(world, "users", "expire", "alice", "never")).Done();
        (await Relayctl.RunAsync(world, "users", "enable", "alice")).Done();
        (await Relayctl.RunAsync(world, "users", "remove-device", "alice", "phone")).Done();
        (await Relayctl.RunAsync(world, "users", "remove-device", "alice", (string)laptop["id"]!)).Done();
        user = (await world.Fleet.GetUserAsync("alice", default))!;
        Assert.Equal((false, null, 0), (user.IsDisabled, user.ExpiresAt, user.Devices.Count));
        Assert.Equal(1, (await Relayctl.RunAsync(world, "users", "remove-device", "alice", "phone")).Status);
        (await Relayctl.RunAsync(world, "users", "revoke", "alice")).Done();
        (await Relayctl.RunAsync(world, "users", "remove", "bob")).Done();
        Assert.Contains("No user fits.", (await Relayctl.RunAsync(world, "users")).Done().Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "users", "show", "alice")).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "users", "add", "carol", "--expires", "tomorrow")).Status);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "users", "add", "Carol")).Status);
    }

    [Fact]
    public async Task User_OfAQuota_UsageIsShown()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        (await Relayctl.RunAsync(world, "users", "add", "alice")).Done();
        Assert.Matches(
            @"bytes a month +5,000,000\n",
            (await Relayctl.RunAsync(world, "limits", "put", "user:alice", "--bytes-per-month", "5000000")).Done().Output);
        Assert.Contains(
            "of nobody else", (await Relayctl.RunAsync(world, "limits", "put", "credential:alice", "--bytes-per-month", "1")).Error,
            StringComparison.Ordinal);
        var node = world.Add(new SimulatedNode("edge-1", world.Fleet));
        await world.StepAsync(2);
        node.Open(new SessionRecord
        {
            Id = "a",
            Identity = "user:alice",
            StartedAt = DateTimeOffset.UnixEpoch,
            TunnelsTotal = 3,
            UpstreamBytes = 1000,
            DownstreamBytes = 2_000_000,
        });
        await world.StepAsync(3);

        var shown = (await Relayctl.RunAsync(world, "users", "usage", "alice")).Done().Output;
        Assert.Matches(@"last seen +20\d\d-", shown);
        Assert.Matches(@"bytes a month +5(\.00)? MB\n", shown);
        Assert.Matches(@"20\d\d-\d\d +1(\.00)? kB up, 2(\.00)? MB down, 3 tunnels", shown);
        Assert.Matches(@"alice +active +- +20.*Z +2(\.00)? MB", (await Relayctl.RunAsync(world, "users")).Done().Output);
        Assert.Matches(@"this month +2(\.00)? MB", (await Relayctl.RunAsync(world, "users", "show", "alice")).Done().Output);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "users", "usage", "bob")).Status);
        (await Relayctl.RunAsync(world, "users", "revoke", "alice")).Done();
        (await Relayctl.RunAsync(world, "limits", "delete", "user:alice")).Done();
    }

    [Fact]
    public async Task UserStore_ShownAndConfirmed()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add(new SimulatedNode("edge-1", world.Fleet));
        SimulatedUsers.Of(node).Pretend(new UserPosition(Guid.NewGuid(), 7), "carol");
        await world.StepAsync(2);
        Assert.Contains(
            "edge-1: with users of another store", (await Relayctl.RunAsync(world, "users", "store")).Done().Output, StringComparison.Ordinal);
        var store = (string)(await Relayctl.RunAsync(world, "--json", "users", "store")).Done().Json["store"]!;

        Assert.Equal(1, (await Relayctl.RunAsync(world, "users", "confirm", $"{Guid.NewGuid()}")).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "users", "confirm", "it")).Status);
        Assert.Contains("yes", (await Relayctl.RunAsync(world, "users", "confirm", store)).Done().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_PutShownAndDeleted()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        (await Relayctl.RunAsync(world, "limits", "put", "*", "--sessions", "8")).Done();
        (await Relayctl.RunAsync(world, "limits", "put", "credential:a/b", "--bytes-per-second", "5000000")).Done();
        Assert.Matches(@"credential:a/b +- +- +5,000,000", (await Relayctl.RunAsync(world, "limits")).Done().Output);
        Assert.Contains("5,000,000", (await Relayctl.RunAsync(world, "limits", "show", "credential:a/b"))
            .Done().Output, StringComparison.Ordinal);
        (await Relayctl.RunAsync(world, "limits", "delete", "credential:a/b")).Done();
        Assert.Equal("*", Assert.Single(await world.Fleet.ListLimitsAsync(default)).Identity);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "limits", "put", "*")).Status);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "limits", "delete", "credential:a/b")).Status);
    }

    [Fact]
    public async Task Sessions_End_OrdersTheirNodes()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1");
        node.Open(SampleFleet.Session("a1", "credential:alice", "192.0.2.1"));
        node.Open(SampleFleet.Session("b1", "credential:bob", "192.0.2.2"));
        await world.StepAsync();
        Assert.Contains("a1 is ordered to end", (await Relayctl.RunAsync(world, "sessions", "end", "a1"))
            .Done().Output, StringComparison.Ordinal);
        await world.StepAsync(2);
        Assert.Equal("b1", Assert.Single(node.Sessions));
        Assert.Equal(1, (await Relayctl.RunAsync(world, "sessions", "end", "a1")).Status);
    }

    [Fact]
    public async Task WrongField_IsNamedWithWhatIsWrong()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        await world.StepAsync();
        var run = await Relayctl.RunAsync(world, "drain", "edge-1", "--deadline", "30h");
        Assert.Equal(1, run.Status);
        Assert.Contains("deadlineSeconds", run.Error, StringComparison.Ordinal);
    }
}
