using Relay.Fleet.Drains;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Drains;

public class DrainSlotsTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly NodeRegistry _registry = new(Timings, Begin);
    private readonly DrainSlots _slots = new(Timings);

    [Fact]
    public void Take_OfAPercentage_CountsWhoWouldServe()
    {
        for (var i = 0; i < 8; i++)
            Report($"n{i}", NodeState.Serving);
        _slots.Enrol("d", [.. _registry.Nodes.Select(node => node.Id)], Begin);
        var taken = _registry.Nodes.ToArray().Count(node =>
            _slots.Reserve("d", node, DrainBudget.Percent(25), default, _registry, Begin).IsTaken);

        Assert.Equal(2, taken);
    }

    [Fact]
    public void Take_WhileANodeDrainsOfItself_CountsIt()
    {
        Report("a", NodeState.Draining);
        Report("b", NodeState.Serving);
        _slots.Enrol("d", ["b"], Begin);

        var answer = _slots.Reserve("d", _registry.Find("b")!, DrainBudget.Nodes(1), default, _registry, Begin);

        Assert.False(answer.IsTaken);
        Assert.Contains("a (draining)", answer.Holdup, StringComparison.Ordinal);
    }

    [Fact]
    public void Enrol_OfANodeInAnotherDrain_NamesIt()
    {
        Assert.Null(_slots.Enrol("d1", ["a", "b"], Begin));
        Assert.Null(_slots.Enrol("d1", ["a", "b"], Begin));

        Assert.Equal("b", _slots.Enrol("d2", ["c", "b"], Begin));

        Assert.Equal(("d1", null), (_slots.DrainOf("b"), _slots.DrainOf("c")));
    }

    [Fact]
    public void Keep_OfFewerNodes_GivesTheOthersBack()
    {
        Report("a", NodeState.Serving);
        _slots.Enrol("d", ["a", "b"], Begin);
        _slots.Reserve("d", _registry.Find("a")!, DrainBudget.Nodes(1), default, _registry, Begin);

        _slots.Keep("d", [], Begin);

        Assert.Null(_slots.DrainOf("b"));
        Assert.Equal(["a"], _slots.Out(_registry));
        Assert.Empty(_slots.Observe(_registry, Begin + TimeSpan.FromMinutes(1)));
        Report("a", NodeState.Serving, Begin + TimeSpan.FromMinutes(1));
        Assert.Single(_slots.Observe(_registry, Begin + TimeSpan.FromMinutes(1)));
        Assert.Empty(_slots.Out(_registry));
    }

    [Fact]
    public void Observe_ANodeThatIsGone_FreesItsSlotWhenItHadTimeToReturn()
    {
        Report("a", NodeState.Serving);
        _slots.Enrol("d", ["a"], Begin);
        _slots.Reserve("d", _registry.Find("a")!, DrainBudget.Nodes(1), default, _registry, Begin);
        _registry.Leave("a", Begin);

        _slots.Observe(_registry, Begin);
        var stored = new DrainSlots(Timings, _slots.ToState());
        Assert.Empty(stored.Observe(_registry, Begin + Timings.ReturnTime - TimeSpan.FromSeconds(1)));
        Assert.Equal(["a"], stored.Observe(_registry, Begin + Timings.ReturnTime).Select(slot => slot.Node));
    }

    [Theory]
    [InlineData(OnLostNode.Continue)]
    [InlineData(OnLostNode.Wait)]
    public void Observe_ANodeThatFellSilentInItsTurn_FreesItsSlotThenOrWhenItHadTimeToReturn(OnLostNode onLost)
    {
        var silent = Lose("a", onLost);
        Assert.Equal(NodeState.Silent, _registry.Find("a")!.State);

        var stored = new DrainSlots(Timings, _slots.ToState());
        if (onLost == OnLostNode.Wait)
            Assert.Empty(stored.Observe(_registry, silent + Timings.ReturnTime - TimeSpan.FromSeconds(1)));
        var freed = silent + (onLost == OnLostNode.Wait ? Timings.ReturnTime : TimeSpan.Zero);
        Assert.Equal(["a"], stored.Observe(_registry, freed).Select(static slot => slot.Node));
        Assert.Empty(stored.Out(_registry));
    }

    [Fact]
    public void Observe_ANodeThatLeftInItsTurn_FreesItsSlotAfterTheNodeTimeout()
    {
        Report("a", NodeState.Serving);
        _slots.Enrol("d", ["a"], Begin);
        _slots.Reserve("d", _registry.Find("a")!, DrainBudget.Nodes(1), OnLostNode.Continue, _registry, Begin);
        _registry.Leave("a", Begin);
        _slots.Keep("d", [], Begin);

        Assert.Empty(_slots.Observe(_registry, Begin));
        Assert.Empty(_slots.Observe(_registry, Begin + Timings.NodeTimeout - TimeSpan.FromSeconds(1)));
        Assert.Single(_slots.Observe(_registry, Begin + Timings.NodeTimeout));
    }

    [Fact]
    public void Enrol_OfANodeThatReturns_KeepsItFromOtherDrainsUntilItsTurnComes()
    {
        Report("a", NodeState.Serving);
        _slots.Enrol("d1", ["a"], Begin);
        _slots.Reserve("d1", _registry.Find("a")!, DrainBudget.Nodes(1), default, _registry, Begin);
        _slots.Keep("d1", [], Begin);

        Assert.Null(_slots.Enrol("d2", ["a"], Begin));

        Assert.Equal(("a", "d2"), (_slots.Enrol("d3", ["a"], Begin), _slots.DrainOf("a")));
        var stored = new DrainSlots(Timings, _slots.ToState());
        Assert.Equal("d2", stored.DrainOf("a"));
        Report("a", NodeState.Serving, Begin + TimeSpan.FromMinutes(1));
        Assert.Single(stored.Observe(_registry, Begin + TimeSpan.FromMinutes(1)));
        Assert.Equal(("d2", 0), (stored.DrainOf("a"), stored.Out(_registry).Count));
        Assert.True(stored.Reserve("d2", _registry.Find("a")!, DrainBudget.Nodes(1), default, _registry, Begin).IsTaken);
        _slots.Keep("d2", [], Begin);
        Assert.Null(_slots.DrainOf("a"));
    }

    [Fact]
    public void Take_InAFleetFourTimesAsLarge_CostsNoMoreForEachNode()
    {
        TakeAll(100);
        var (small, large) = (TakeAll(500), TakeAll(2000));

        // What a slot costs is its own entry; looking at every other node for each would cost four times as much.
        Assert.InRange(large, 0, small * 2);
    }

    /// <summary>A node's turn comes, it is not heard of again, and its drain gives it up.</summary>
    /// <returns>When it was silent.</returns>
    private DateTimeOffset Lose(string node, OnLostNode onLost)
    {
        Report(node, NodeState.Serving);
        _slots.Enrol("d", [node], Begin);
        _slots.Reserve("d", _registry.Find(node)!, DrainBudget.Nodes(1), onLost, _registry, Begin);
        var now = Begin;
        while (_registry.Find(node)!.State != NodeState.Silent)
            _registry.Tick(now += TimeSpan.FromSeconds(1));
        _slots.Observe(_registry, now);
        _slots.Keep("d", [], now);
        return now;
    }

    private void Report(string node, NodeState state, DateTimeOffset? at = null) => _registry.Observe(
        new NodeInfo { Id = node, State = state, Version = "1", StartedAt = Begin, LastReportAt = at ?? Begin }, at
            ?? Begin);

    /// <summary>Takes the slots of a whole fleet.</summary>
    /// <returns>The bytes that it allocated, for each node: the same in every run, unlike the time.</returns>
    private static long TakeAll(int count)
    {
        var (fleet, all) = (new NodeRegistry(Timings, Begin), new DrainSlots(Timings));
        for (var i = 0; i < count; i++)
            fleet.Observe(new NodeInfo
            {
                Id = $"n{i}",
                State = NodeState.Serving,
                Version = "1",
                StartedAt = Begin,
                LastReportAt = Begin
            }, Begin);
        NodeInfo[] nodes = [.. fleet.Nodes];
        all.Enrol("d", [.. nodes.Select(node => node.Id)], Begin);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var node in nodes)
            Assert.True(all.Reserve("d", node, DrainBudget.Percent(100), default, fleet, Begin).IsTaken);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }
}
