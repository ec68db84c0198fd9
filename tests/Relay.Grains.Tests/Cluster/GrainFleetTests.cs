using Relay.Grains.Contracts;
using Relay.Grains.Events;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>What grains add to the rules: that a report's answer holds what was decided by several of them.</summary>
[Trait("Needs", "Cluster")]
public sealed class GrainFleetTests
{
    private static readonly PrefixPool Pool = SamplePool.Edge;

    [Fact]
    public async Task Report_OfANewNode_ListsItWithItsSessions()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        node.Open(new SessionRecord { Id = "a", Identity = "credential:ann", StartedAt = fleet.Clock.GetUtcNow() });

        await node.ReportAsync(fleet.Fleet);

        var listed = Assert.Single((await fleet.Fleet.ListNodesAsync(10, null, default)).Items);
        Assert.Equal((node.Name, NodeState.Serving, 1), (listed.Id, listed.State, listed.Load.Sessions));
        var session = Assert.Single((await fleet.Fleet.ListSessionsAsync(
            new SessionQuery { Identity = "credential:ann" }, default)).Items);
        Assert.Equal(("a", node.Name), (session.Id, session.Node));
        Assert.Equal("a", (await fleet.Fleet.GetSessionAsync("a", default))?.Id);
    }

    [Fact]
    public async Task Report_WithAPool_LeasesABlockOnceTheFleetHasRecovered()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        var node = new SimulatedNode("edge-1") { Pools = ["edge"] };

        var early = await node.ReportAsync(fleet.Fleet);
        await fleet.PassAsync(TimeSpan.FromSeconds(125), () => node.ReportAsync(fleet.Fleet));

        Assert.Empty(early.Leases);
        Assert.Single(early.LeaseFaults);
        var grant = Assert.Single(node.Grants);
        Assert.Equal(100_000, grant.DurationMilliseconds, 25_000.0);
        var lease = Assert.Single((await fleet.Fleet.ListLeasesAsync("edge", 10, null, default))!.Items);
        Assert.Equal((LeaseState.Held, "edge-1", grant.Prefix), (lease.State, lease.Node, lease.Prefix));
    }

    [Fact]
    public async Task Drain_OfTwoNodesWithABudgetOfOne_GoesOnWhenTheFirstIsBack()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        SimulatedNode first = new("edge-1"), second = new("edge-2");
        Task Reports() => Task.WhenAll(first.AskAsync(fleet.Fleet), second.AskAsync(fleet.Fleet));
        await Reports();

        var started = await fleet.Fleet.StartDrainAsync(
            new DrainRequest { Id = "d", Nodes = ["edge-1", "edge-2"] }, default);
        await fleet.PassAsync(TimeSpan.FromSeconds(10), Reports);
        var half = await fleet.Fleet.GetDrainAsync("d", default);
        await first.RestartAsync();
        await fleet.PassAsync(TimeSpan.FromSeconds(15), Reports);
        var whole = await fleet.Fleet.GetDrainAsync("d", default);

        Assert.True(started.IsOk);
        Assert.Equal((1, 1, DrainState.Running), (half!.Waiting, half.Drained, half.State));
        Assert.Equal((0, 2, DrainState.Completed), (whole!.Waiting, whole.Drained, whole.State));
        Assert.NotNull(second.LastDirective!.Drain);
        Assert.Null(first.LastDirective!.Drain);
    }

    [Fact]
    public async Task Cancel_OfADrain_MakesItsNodesServe()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);
        var ordered = await node.ReportAsync(fleet.Fleet);

        var cancelled = await fleet.Fleet.CancelDrainAsync("d", default);
        var released = await node.ReportAsync(fleet.Fleet);

        Assert.Equal("d", ordered.Drain?.Id);
        Assert.Equal(DrainState.Cancelled, cancelled.Value?.State);
        Assert.Null(released.Drain);
    }

    [Fact]
    public async Task Silence_OfANode_TakesItsSessionsAway_AndTheyComeBackWithIt()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        node.Open(new SessionRecord { Id = "a", Identity = "anonymous", StartedAt = fleet.Clock.GetUtcNow() });
        await node.ReportAsync(fleet.Fleet);

        await fleet.PassAsync(TimeSpan.FromSeconds(20));
        var silent = await fleet.Fleet.GetNodeAsync("edge-1", default);
        var gone = await fleet.Fleet.GetSessionAsync("a", default);
        await node.ReportAsync(fleet.Fleet);
        await node.ReportAsync(fleet.Fleet);

        Assert.Equal(NodeState.Silent, silent?.State);
        Assert.Null(gone);
        Assert.Equal("a", (await fleet.Fleet.GetSessionAsync("a", default))?.Id);
        Assert.Equal(NodeState.Serving, (await fleet.Fleet.GetNodeAsync("edge-1", default))?.State);
    }

    [Fact]
    public async Task Limits_WhenSet_ReachTheNextReport()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1") { Identities = [new IdentityUsage("credential:ann", 2, 3, 0)] };
        node.Open("one", "credential:ann");
        node.Open("two", "credential:ann");
        await node.ReportAsync(fleet.Fleet);

        await fleet.Fleet.PutLimitAsync(
            new LimitRule { Identity = "*", Limit = new IdentityLimit { Sessions = 10 } }, null, default);
        var directive = await node.ReportAsync(fleet.Fleet);

        Assert.Equal(10, directive.DefaultLimit?.Sessions);
        Assert.Equal(10, Assert.Single(directive.Limits).Limit.Sessions);
    }

    [Fact]
    public async Task Events_TellWhatHappened()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);

        var batch = await fleet.Fleet.ReadEventsAsync("x-0-0", default);

        Assert.True(batch.HasGap);
        Assert.Contains(batch.Events, happened => happened is { Kind: FleetEventKind.Node, Node: "edge-1" });
        Assert.Contains(batch.Events, happened => happened is { Kind: FleetEventKind.Drain, Drain.Id: "d" });
    }

    [Fact]
    public async Task Events_WhileTheirSiloEnds_AreNotWaitedFor()
    {
        var reads = new TaskCompletionSource();
        var fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(call =>
        {
            var reading = call.Invoke();
            if (call.Grain is EventsGrain && call.MethodName == nameof(IEventsGrain.ReadAsync) && !reading.IsCompleted)
                reads.TrySetResult();
            return reading;
        }));
        var position = (await fleet.Fleet.ReadEventsAsync("x-0-0", default)).Position;

        var waiting = fleet.Fleet.ReadEventsAsync(position, default).AsTask();
        await reads.Task;
        await fleet.DisposeAsync();

        Assert.Empty((await waiting).Events);
    }

    [Fact]
    public async Task Leave_InOrder_RemovesTheNode()
    {
        await using var fleet = await MemoryFleet.StartAsync();
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);

        await node.ReportAsync(fleet.Fleet, isLeaving: true);
        await fleet.Fleet.TickAsync(default);

        Assert.Empty((await fleet.Fleet.ListNodesAsync(10, null, default)).Items);
        await Assert.ThrowsAsync<FleetRejectedException>(() => node.ReportAsync(fleet.Fleet));
    }
}
