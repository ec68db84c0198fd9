using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Contracts;
using Relay.Grains.Hosting;
using Relay.Grains.Membership;
using Relay.Grains.Stats;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>What the fleet's grain is told of many nodes, and who is asked for the rest.</summary>
[Trait("Needs", "Cluster")]
public sealed class StageTests
{
    private const int Nodes = 100;

    private readonly SimulatedNode[] _nodes =
        [.. Enumerable.Range(0, Nodes).Select(static i => new SimulatedNode(string.Create(CultureInfo.InvariantCulture, $"edge-{i:d3}")) { Tunnels = 1 })];

    private int _whole;
    private int _overviews;
    private int _limits;
    private volatile bool _areStagesAway;

    [Fact]
    public async Task FleetGrain_IsToldWholeOfFewNodes_AndListsAllAsTheyAre()
    {
        await using var fleet = await StartAsync();
        await ReportAsync(fleet.Fleet);
        await fleet.Fleet.TickAsync(default);
        Assert.Equal(Nodes, Interlocked.Exchange(ref _whole, 0));
        for (var second = 0; second < HeardBook.Turns; second++)
        {
            fleet.Clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var node in _nodes)
                node.Tunnels++;
            await ReportAsync(fleet.Fleet);
            await fleet.Fleet.TickAsync(default);
        }

        Assert.Equal(Nodes, _whole);
        var overview = await fleet.Fleet.GetOverviewAsync(default);
        Assert.Equal((Nodes, Nodes * (1 + HeardBook.Turns)), (overview.Nodes[NodeState.Serving], overview.Load.TcpTunnels));
        var page = await fleet.Fleet.ListNodesAsync(60, null, default);
        var rest = await fleet.Fleet.ListNodesAsync(60, page.Next, default);
        NodeInfo[] listed = [.. page.Items, .. rest.Items];
        Assert.Equal(_nodes.Select(static node => node.Name), listed.Select(static node => node.Id));
        Assert.All(listed, node => Assert.Equal(
            (1 + HeardBook.Turns, fleet.Clock.GetUtcNow()), (node.Load.TcpTunnels, node.LastReportAt)));
        Assert.Equal(1 + HeardBook.Turns, (await fleet.Fleet.GetNodeAsync("edge-007", default))!.Load.TcpTunnels);

        // A list does not wait for a stage that hangs, or fail with it.
        _areStagesAway = true;
        Assert.Equal(60, (await fleet.Fleet.ListNodesAsync(60, null, default)).Items.Count);
    }

    [Fact]
    public async Task Nodes_ThatFallSilent_CountNoMore_AndAgainWhenTheyAreBack()
    {
        await using var fleet = await StartAsync();
        await ReportAsync(fleet.Fleet);
        await fleet.PassAsync(TimeSpan.FromSeconds(20), () => ReportAsync(fleet.Fleet, _nodes[..60]));

        var overview = await fleet.Fleet.GetOverviewAsync(default);
        Assert.Equal((60, 40, 60L), (overview.Nodes[NodeState.Serving], overview.Nodes[NodeState.Silent], overview.Load.TcpTunnels));
        await fleet.PassAsync(TimeSpan.FromSeconds(2), () => ReportAsync(fleet.Fleet));
        overview = await fleet.Fleet.GetOverviewAsync(default);
        Assert.Equal((Nodes, Nodes), (overview.Nodes[NodeState.Serving], overview.Load.TcpTunnels));
        Assert.DoesNotContain(NodeState.Silent, overview.Nodes.Keys);
    }

    /// <summary>Of a registry that lost some of what it was told, as one that was stored before, the stages make a whole one.</summary>
    [Fact]
    public async Task Counts_AfterTheDeathOfAnySilo_AreThoseOfTheNodes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var fleet = cluster.FleetOf(cluster.Silos[0]);
        await ReportAsync(fleet);
        await fleet.TickAsync(default);
        foreach (var of in (Func<IGrainFactory, IAddressable>[])[
            static grains => grains.GetGrain<IFleetGrain>(GrainKeys.Single), static grains => grains.GetGrain<IStatsGrain>(3)])
        {
            fleet = await cluster.KillSiloOfAsync(of(cluster.Grains(cluster.Silos[0])));
            foreach (var node in _nodes)
                node.Tunnels++;
            foreach (var node in _nodes)
                await node.ReportPersistentlyAsync(fleet);
            await Eventually.DoneAsync("a tick", () => fleet.TickAsync(default));

            var overview = await fleet.GetOverviewAsync(default);
            Assert.Equal([(NodeState.Serving, Nodes)], overview.Nodes.Select(static state => (state.Key, state.Value)));
            Assert.Equal(Nodes * _nodes[0].Tunnels, overview.Load.TcpTunnels);
            var page = await fleet.ListNodesAsync(Nodes, null, default);
            Assert.All(page.Items, node => Assert.Equal(_nodes[0].Tunnels, node.Load.TcpTunnels));
        }
    }

    [Fact]
    public async Task Overview_OfManyWhoAsk_IsAskedForOnceASecond_AndAfterAChange()
    {
        await using var fleet = await StartAsync();
        var clock = new GrainClock(fleet.Clock, ticks: true, isPatient: true);
        var coordinator = new GrainFleet(NullLogger<GrainFleet>.Instance, clock);
        coordinator.Attach(fleet.Grains);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => coordinator.GetOverviewAsync(default).AsTask()));
        Assert.Equal(1, Interlocked.Exchange(ref _overviews, 0));

        fleet.Clock.Advance(OverviewCache.LongestKept);
        await coordinator.GetOverviewAsync(default);
        await coordinator.GetOverviewAsync(default);
        Assert.Equal(1, Interlocked.Exchange(ref _overviews, 0));
        await coordinator.PutLimitAsync(
            new LimitRule { Identity = "anonymous", Limit = new IdentityLimit { Sessions = 1 } }, null, default);
        await coordinator.GetOverviewAsync(default);
        Assert.Equal(1, Interlocked.Exchange(ref _overviews, 0));
        // What was never known is not kept, and what is not reached is not shown for what was.
        coordinator.Detach();
        await Assert.ThrowsAsync<FleetUnavailableException>(() => coordinator.GetOverviewAsync(default).AsTask());
        coordinator.Attach(fleet.Grains);
        await coordinator.GetOverviewAsync(default);
        Assert.Equal(1, _overviews);
    }

    [Fact]
    public async Task Limits_ThatChange_AreAskedForOnceAStage()
    {
        await using var fleet = await StartAsync();
        await ReportAsync(fleet.Fleet);
        await fleet.Fleet.PutLimitAsync(new LimitRule { Identity = "*", Limit = new IdentityLimit { Sessions = 100 } }, null, default);
        Interlocked.Exchange(ref _limits, 0);

        await ReportAsync(fleet.Fleet);

        Assert.All(_nodes, static node => Assert.NotNull(node.LastDirective!.DefaultLimit));
        Assert.Equal(_nodes.Select(static node => GrainKeys.ShardOf(node.Name)).Distinct().Count(), _limits);
    }

    private static Task<NodeDirective[]> ReportAsync(GrainFleet fleet, IEnumerable<SimulatedNode> nodes) =>
        Task.WhenAll(nodes.Select(node => node.ReportAsync(fleet)));

    private Task<NodeDirective[]> ReportAsync(GrainFleet fleet) => ReportAsync(fleet, _nodes);

    private Task<MemoryFleet> StartAsync() => MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(async call =>
    {
        if (_areStagesAway && call is { Grain: StatsGrain, MethodName: nameof(IStatsGrain.ShowAsync) })
            throw new TimeoutException();
        await call.Invoke();
        if (call.Grain is StatsGrain && call.Result is HeardNodes heard)
            Interlocked.Add(ref _whole, heard.Nodes.Count);
        if (call is { Grain: FleetGrain, MethodName: nameof(IFleetGrain.GetOverviewAsync) })
            Interlocked.Increment(ref _overviews);
        if (call is { Grain: FleetGrain, MethodName: nameof(IFleetGrain.ListLimitsAsync) })
            Interlocked.Increment(ref _limits);
    }));
}
