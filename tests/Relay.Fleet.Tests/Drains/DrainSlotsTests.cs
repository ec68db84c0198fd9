namespace Relay.Fleet.Tests.Drains;

public class DrainSlotsTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly NodeRegistry registry = new(Timings, Begin);
    private readonly DrainSlots slots = new(Timings);

    [Fact]
    public void Take_OfAPercentage_CountsWhoWouldServe()
    {
        for (var i = 0; i < 8; i++)
            Report($"n{i}", NodeState.Serving);
        slots.Enrol("d", [.. registry.Nodes.Select(node => node.Id)], Begin);
        var taken = registry.Nodes.ToArray().Count(node =>
            slots.Take("d", node, DrainBudget.Percent(25), registry, Begin).IsTaken);

        Assert.Equal(2, taken);
    }

    [Fact]
    public void Take_WhileANodeDrainsOfItself_CountsIt()
    {
        Report("a", NodeState.Draining);
        Report("b", NodeState.Serving);
        slots.Enrol("d", ["b"], Begin);

        var answer = slots.Take("d", registry.Find("b")!, DrainBudget.Nodes(1), registry, Begin);

        Assert.False(answer.IsTaken);
        Assert.Contains("a (draining)", answer.Holdup, StringComparison.Ordinal);
    }

    [Fact]
    public void Enrol_OfANodeInAnotherDrain_NamesIt()
    {
        Assert.Null(slots.Enrol("d1", ["a", "b"], Begin));
        Assert.Null(slots.Enrol("d1", ["a", "b"], Begin));

        Assert.Equal("b", slots.Enrol("d2", ["c", "b"], Begin));

        Assert.Equal(("d1", null), (slots.DrainOf("b"), slots.DrainOf("c")));
    }

    [Fact]
    public void Keep_OfFewerNodes_GivesTheOthersBack()
    {
        Report("a", NodeState.Serving);
        slots.Enrol("d", ["a", "b"], Begin);
        slots.Take("d", registry.Find("a")!, DrainBudget.Nodes(1), registry, Begin);

        slots.Keep("d", [], Begin);

        Assert.Null(slots.DrainOf("b"));
        Assert.Equal(["a"], slots.Out(registry));
        Assert.Empty(slots.Observe(registry, Begin + TimeSpan.FromMinutes(1)));
        Report("a", NodeState.Serving, Begin + TimeSpan.FromMinutes(1));
        Assert.Single(slots.Observe(registry, Begin + TimeSpan.FromMinutes(1)));
        Assert.Empty(slots.Out(registry));
    }

    [Fact]
    public void Observe_ANodeThatIsGone_FreesItsSlotWhenItHadTimeToReturn()
    {
        Report("a", NodeState.Serving);
        slots.Enrol("d", ["a"], Begin);
        slots.Take("d", registry.Find("a")!, DrainBudget.Nodes(1), registry, Begin);
        registry.Leave("a", Begin);

        slots.Observe(registry, Begin);
        var stored = new DrainSlots(Timings, slots.ToState());
        Assert.Empty(stored.Observe(registry, Begin + Timings.ReturnTime - TimeSpan.FromSeconds(1)));
        Assert.Equal(["a"], stored.Observe(registry, Begin + Timings.ReturnTime).Select(slot => slot.Node));
    }

    private void Report(string node, NodeState state, DateTimeOffset? at = null) => registry.Observe(
        new NodeInfo { Id = node, State = state, Version = "1", StartedAt = Begin, LastReportAt = at ?? Begin }, at
            ?? Begin);
}
