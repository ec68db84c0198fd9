using Relay.Fleet.Drains;

namespace Relay.Fleet.Tests.Drains;

public class DrainPlanTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;
    private static readonly Guid Run = Guid.NewGuid();

    [Fact]
    public void OrderFor_ADrainingNode_CountsDownFromTheStoredDeadline()
    {
        var plan = Started(deadlineSeconds: 60);

        var first = plan.OrderFor("a", Run, Begin)!;
        var restored = new DrainPlan(plan.ToState(), Timings);
        var later = restored.OrderFor("a", Run, Begin + TimeSpan.FromSeconds(12))!;
        var last = restored.OrderFor("a", Run, Begin + TimeSpan.FromHours(1))!;

        Assert.Equal((5000, 65_000), (first.LameMilliseconds, first.RemainingMilliseconds));
        Assert.Equal((0, 53_000), (later.LameMilliseconds, later.RemainingMilliseconds));
        Assert.Equal((0, 0), (last.LameMilliseconds, last.RemainingMilliseconds));
    }

    [Fact]
    public void OrderFor_AnotherProcess_IsNone()
    {
        var plan = Started();
        Assert.Null(plan.OrderFor("a", Guid.NewGuid(), Begin));
        plan.Observe(Node(NodeState.Drained), Begin);
        Assert.NotNull(plan.OrderFor("a", Run, Begin));
        Assert.Null(plan.OrderFor("a", Guid.NewGuid(), Begin));
        Assert.Null(plan.OrderFor("b", Run, Begin));
    }

    [Fact]
    public void Observe_AProcessThatBeganAnewWhileItDrained_LosesItsTunnelsAtOnce()
    {
        var plan = Started();
        plan.Observe(Node(NodeState.Draining, left: 7), Begin);

        plan.Observe(Node(NodeState.Starting) with { Incarnation = Guid.NewGuid(), Drain = null }, Begin);

        Assert.Equal((DrainState.Completed, 7), (plan.State, plan.ToInfo().Lost));
        Assert.Equal(DrainStep.Lost, plan.ToInfo().Nodes.Single().Step);
    }

    [Fact]
    public void Observe_ADrainOfAnotherOperation_IsNoProgressOfThisOne()
    {
        var plan = Started();

        plan.Observe(Node(NodeState.Drained) with { Drain = new NodeDrainProgress("other", 0, 0, 0, 0) }, Begin);
        plan.Observe(Node(NodeState.Drained) with { Drain = null }, Begin);

        Assert.Equal(DrainStep.Lame, plan.ToInfo().Nodes.Single().Step);
    }

    [Fact]
    public void Observe_ANodeThatReportsButNeverDrains_IsGivenUpLongAfterItsDeadline()
    {
        var plan = Started(deadlineSeconds: 10);
        var deadline = Begin + Timings.LameTime + TimeSpan.FromSeconds(10);

        plan.Observe(Node(NodeState.Draining, left: 3), Begin);
        plan.Observe(Node(NodeState.Draining, left: 3), deadline + TimeSpan.FromHours(1));
        Assert.Equal(DrainState.Running, plan.State);
        plan.Observe(Node(NodeState.Draining, left: 3), deadline + TimeSpan.FromHours(1) + DrainPlan.Patience);

        Assert.Equal((DrainState.Completed, 3), (plan.State, plan.ToInfo().Lost));
    }

    [Fact]
    public void ObserveLeft_WithoutTunnels_IsDrained()
    {
        var plan = Started();
        plan.ObserveLeft(Node(NodeState.Draining), Begin);
        Assert.Equal(DrainStep.Drained, plan.ToInfo().Nodes.Single().Step);

        plan.Observe(Node(NodeState.Starting) with { Incarnation = Guid.NewGuid() }, Begin);
        Assert.Equal(DrainStep.Drained, plan.ToInfo().Nodes.Single().Step);
        plan.Observe(Node(NodeState.Serving) with { Incarnation = Guid.NewGuid() }, Begin);
        Assert.Equal(DrainStep.Returned, plan.ToInfo().Nodes.Single().Step);
    }

    [Fact]
    public void Start_OfASilentNode_LosesItAndNeedsNoSlot()
    {
        var plan = Created();
        plan.Start(Node(NodeState.Silent), Begin);

        Assert.Equal(DrainState.Completed, plan.State);
        Assert.False(plan.IsActive);
        Assert.Null(plan.OrderFor("a", Run, Begin));
    }

    [Fact]
    public void Revision_OfTunnelsThatEnd_DoesNotRise()
    {
        var plan = Started();
        plan.Observe(Node(NodeState.Draining, left: 9), Begin);
        var before = plan.Revision;

        plan.Observe(Node(NodeState.Draining, left: 4), Begin);

        Assert.Equal(before, plan.Revision);
        Assert.Equal(4, plan.ToInfo().TunnelsLeft);
    }

    [Theory]
    [InlineData("1", 10, 1)]
    [InlineData("25%", 10, 2)]
    [InlineData("25%", 1, 1)]
    [InlineData("100%", 7, 7)]
    public void Budget_OfAFleet_IsAtLeastOne(string text, int serving, int nodes)
    {
        Assert.True(DrainBudget.TryParse(text, out var budget));
        Assert.Equal(nodes, budget.Of(serving));
        Assert.Equal(text, budget.ToString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("101%")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("")]
    public void Budget_ThatMakesNoSense_IsNone(string text) => Assert.False(DrainBudget.TryParse(text, out _));

    private static DrainPlan Created(int deadlineSeconds = 60) => new(DrainPlan.Create(
        new DrainRequest { Id = "d", Nodes = ["a"], DeadlineSeconds = deadlineSeconds }, [Node(NodeState.Serving)], _ =>
            null, Begin)
        .Value!, Timings);

    private static DrainPlan Started(int deadlineSeconds = 60)
    {
        var plan = Created(deadlineSeconds);
        plan.Start(Node(NodeState.Serving), Begin);
        return plan;
    }

    private static NodeInfo Node(NodeState state, long left = 0) => new()
    {
        Id = "a",
        State = state,
        Incarnation = Run,
        Version = "1",
        StartedAt = Begin,
        LastReportAt = Begin,
        Load = new NodeLoad { UdpTunnels = left },
        Drain = new NodeDrainProgress("d", 10, left, 10 - left, 0),
    };
}
