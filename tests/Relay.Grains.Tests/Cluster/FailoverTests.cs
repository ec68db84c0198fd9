using Relay.Grains.Contracts;
using Relay.Grains.Hosting;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>What holds when the silo of a grain dies: every grain in turn.</summary>
[Trait("Needs", "Cluster")]
public sealed class FailoverTests
{
    private static readonly PrefixPool Pool = SamplePool.Edge;

    [Fact]
    public async Task NodeGrain_WhenItsSiloDies_KeepsTheOrderAndAsksForTheSessions()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        var node = new SimulatedNode("edge-1");
        node.Open(new SessionRecord { Id = "a", Identity = "anonymous", StartedAt = cluster.Clock.GetUtcNow() });
        await node.ReportAsync(fleet);
        await fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);
        await node.ReportAsync(fleet);

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0]).GetGrain<INodeGrain>("edge-1"));
        var first = await node.ReportPersistentlyAsync(left);
        await node.ReportPersistentlyAsync(left);

        Assert.Equal("d", first.Drain?.Id);
        Assert.True(first.Resync);
        Assert.Equal("a", (await left.GetSessionAsync("a", default))?.Id);
    }

    [Fact]
    public async Task PrefixPoolGrain_WhenItsSiloDies_HasEveryLeaseStill()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        SimulatedNode first = new("edge-1") { Pools = ["edge"] }, second = new("edge-2") { Pools = ["edge"] };
        await first.ReportAsync(fleet);
        cluster.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.PutPoolAsync(Pool, null, default)).IsOk);
        await first.ReportAsync(fleet);
        var before = Assert.Single(first.Grants);

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0]).GetGrain<IPrefixPoolGrain>("edge"));
        await HasLeaseAsync(first, left);
        await HasLeaseAsync(second, left);

        Assert.Equal((before.Prefix, before.Epoch), (first.Grants[0].Prefix, first.Grants[0].Epoch));
        Assert.NotEqual(before.Prefix, second.Grants[0].Prefix);
    }

    [Fact]
    public async Task FleetGrain_WhenItsSiloDies_KnowsItsNodesPoolsAndDrains()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        SimulatedNode first = new("edge-1"), second = new("edge-2");
        await first.ReportAsync(fleet);
        await second.ReportAsync(fleet);
        await fleet.PutPoolAsync(Pool, null, default);
        await fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1", "edge-2"] }, default);
        await first.ReportAsync(fleet);
        await fleet.TickAsync(default);

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0])
            .GetGrain<IFleetGrain>(GrainKeys.Single));
        var nodes = await Eventually.HoldsAsync(
            "the list of nodes", () => left.ListNodesAsync(10, null, default).AsTask(), static page =>
                page.Items.Count == 2);
        await TickAsync(cluster, left, first, second);
        var again = await left.StartDrainAsync(new DrainRequest { Id = "e", Nodes = ["edge-2"] }, default);

        Assert.Equal(["edge-1", "edge-2"], nodes.Items.Select(static node => node.Id));
        Assert.Single(await left.ListPoolsAsync(default));
        Assert.Equal("d", Assert.Single((await left.ListDrainsAsync(10, null, default)).Items).Id);
        Assert.Equal(FleetStatus.Conflict, again.Status);
        // The budget of one is used up, whoever counts.
        Assert.NotNull(first.LastDirective!.Drain);
        Assert.Null(second.LastDirective!.Drain);
    }

    [Fact]
    public async Task DrainGrain_WhenItsSiloDies_GoesOnToItsEnd()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        SimulatedNode first = new("edge-1"), second = new("edge-2");
        await first.ReportAsync(fleet);
        await second.ReportAsync(fleet);
        await fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1", "edge-2"] }, default);
        await first.ReportAsync(fleet);

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0]).GetGrain<IDrainGrain>("d"));
        for (var second10 = 0; second10 < 10; second10++)
            await TickAsync(cluster, left, first, second);
        await first.RestartAsync();
        for (var second15 = 0; second15 < 15; second15++)
            await TickAsync(cluster, left, first, second);

        var drain = await left.GetDrainAsync("d", default);
        Assert.Equal((DrainState.Completed, 2), (drain?.State, drain?.Drained));
    }

    [Fact]
    public async Task StatsGrain_WhenItsSiloDies_KnowsTheLoadWithTheNextReport()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        var node = new SimulatedNode("edge-1") { Tunnels = 7 };
        await node.ReportAsync(fleet);

        var left = await cluster.KillSiloOfAsync(
            cluster.Grains(cluster.Silos[0]).GetGrain<IStatsGrain>(GrainKeys.ShardOf("edge-1")));
        await Eventually.HoldsAsync("the load", async () =>
        {
            await node.ReportAsync(left);
            return await left.GetOverviewAsync(default);
        }, static overview => overview.Load.TcpTunnels == 7);
        var stats = await left.GetStatsAsync(60, default);

        Assert.Equal("edge-1", Assert.Single(stats.Nodes).Node);
    }

    [Fact]
    public async Task ClientGrain_WhenItsSiloDies_SharesTheLimitAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        var usage = new IdentityUsage("credential:ann", 6, 0, 0);
        SimulatedNode first = new("edge-1") { Identities = [usage] }, second = new("edge-2") { Identities = [usage] };
        for (var i = 0; i < usage.Sessions; i++)
        {
            first.Open($"first-{i}", usage.Identity);
            second.Open($"second-{i}", usage.Identity);
        }
        await fleet.PutLimitAsync(
            new LimitRule { Identity = "credential:ann", Limit = new IdentityLimit { Sessions = 12 } }, null, default);
        await Task.WhenAll(first.ReportAsync(fleet), second.ReportAsync(fleet));
        await Task.WhenAll(first.ReportAsync(fleet), second.ReportAsync(fleet));

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0])
            .GetGrain<IClientGrain>("credential:ann"));
        await Eventually.HoldsAsync("shares", async () =>
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(6));
            var reports = await Task.WhenAll(first.ReportAsync(left), second.ReportAsync(left));
            return reports.Select(static report => report.Limits is [var share, ..] ? share.Limit.Sessions : 0)
                .ToArray();
        }, static shares => shares.All(static share => share == 6));
    }

    [Fact]
    public async Task EventsGrain_WhenItsSiloDies_GoesOn_OrTellsItsReadersOfTheGap()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet);
        var position = (await fleet.ReadEventsAsync("x-0-0", default)).Position;

        var left = await cluster.KillSiloOfAsync(cluster.Grains(cluster.Silos[0])
            .GetGrain<IEventsGrain>(GrainKeys.Single));
        node.Amend = static report => report with { State = NodeState.Lame };
        await node.ReportPersistentlyAsync(left);
        // Whether what it had got to where it is kept depends on when it died: where it did not, that is said.
        var batch = await Eventually.HoldsAsync(
            "events", () => left.ReadEventsAsync(position, default).AsTask(),
            static batch => batch.HasGap || batch.Events.Any(static one => one is { Node: "edge-1", State: NodeState.Lame }));

        Assert.NotEqual(position, batch.Position);
    }

    private static async Task TickAsync(TestCluster cluster, GrainFleet fleet, params SimulatedNode[] nodes)
    {
        cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var node in nodes)
            await Eventually.DoneAsync($"an answer to {node.Name}", () => node.AskAsync(fleet));
        await Eventually.DoneAsync("a tick", () => fleet.TickAsync(default));
    }

    private static Task<NodeDirective> HasLeaseAsync(SimulatedNode node, GrainFleet fleet) => Eventually.HoldsAsync(
        $"a lease of {node.Name}", () => node.ReportAsync(fleet), static directive => directive.Leases.Count == 1);
}
