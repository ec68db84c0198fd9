using Relay.Fleet.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public sealed class StandInsTests : IAsyncDisposable
{
    private static readonly DrainOrder Order = new("d1", DrainMode.Gradual, 5_000, 60_000, "test");

    private readonly ManualTime _time = new();
    private readonly SimulatedNode _node = new("edge-1") { TakesStandIns = true };

    [Fact]
    public void Answer_ToANodeThatWasNeverSeen_IsToKeepWhatItHas()
    {
        var report = _node.Next();

        var answer = new StandIns(_time).Answer(report);

        Assert.Equal((report.Sequence, true, 0L), (answer.Sequence, answer.IsStandIn, answer.KnownSequence));
    }

    [Fact]
    public void Answer_HasTheDrainAndTheSessionsOfTheLastRealOne_AndNothingThatPromises()
    {
        var standIns = new StandIns(_time);
        var seen = _node.Next();
        standIns.Learn(seen, new NodeDirective
        {
            Sequence = seen.Sequence,
            Drain = Order,
            AcknowledgedSessions = 41,
            Resync = true,
            Leases = [new LeaseGrant("v6", Prefix.Parse("2001:db8::/64"), 1, 60_000)],
            Limits = [new IdentityAllowance("anonymous", new IdentityLimit { Sessions = 1 })],
            EndSessions = ["a"],
            Lookups = [new FlowLookup("q", "192.0.2.1", 1)],
        });
        _time.Advance(TimeSpan.FromSeconds(20));
        var report = _node.Next();

        var answer = standIns.Answer(report);

        Assert.Equal(
            (report.Sequence, true, seen.Sequence, 41L),
            (answer.Sequence, answer.IsStandIn, answer.KnownSequence, answer.AcknowledgedSessions));
        Assert.Equal(Order with { LameMilliseconds = 0, RemainingMilliseconds = 40_000 }, answer.Drain);
        Assert.False(answer.Resync);
        Assert.Equal(
            (0, 0, 0, 0), (answer.Leases.Count, answer.Limits.Count, answer.EndSessions.Count, answer.Lookups.Count));
    }

    [Fact]
    public void Answer_ToAnotherProcessOfTheName_SaysNothingOfTheFirst()
    {
        var standIns = new StandIns(_time);
        var seen = _node.Next();
        standIns.Learn(seen, new NodeDirective { Sequence = seen.Sequence, Drain = Order });

        var answer = standIns.Answer(new SimulatedNode("edge-1") { TakesStandIns = true }.Next());

        Assert.Equal((true, 0L, null), (answer.IsStandIn, answer.KnownSequence, answer.Drain));
    }

    [Fact]
    public void Learn_OfAnAnswerThatWasOvertaken_ChangesNothing()
    {
        var standIns = new StandIns(_time);
        var (first, second) = (_node.Next(), _node.Next());
        standIns.Learn(second, new NodeDirective { Sequence = second.Sequence });
        standIns.Learn(first, new NodeDirective { Sequence = first.Sequence, Drain = Order });

        var answer = standIns.Answer(_node.Next());

        Assert.Equal((second.Sequence, null), (answer.KnownSequence, answer.Drain));
    }

    [Fact]
    public void Learn_OfWhoLeaves_ForgetsIt()
    {
        var standIns = new StandIns(_time);
        var seen = _node.Next();
        standIns.Learn(seen, new NodeDirective { Sequence = seen.Sequence });
        standIns.Learn(_node.Next() with { IsLeaving = true }, new NodeDirective { Sequence = 2 });

        Assert.Equal(0, standIns.Count);
    }

    [Fact]
    public void Learn_KeepsABoundedNumberOfNodes_AndNobodyForLong()
    {
        var standIns = new StandIns(_time);
        var report = _node.Next();
        for (var i = 0; i <= NodeRegistry.MaxNodes; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            standIns.Learn(
                report with { Node = $"n{i}" },
                new NodeDirective { Sequence = 1 });
        }
        Assert.Equal(NodeRegistry.MaxNodes, standIns.Count);
        Assert.Equal(0, standIns.Answer(report with { Node = "n0" }).KnownSequence);
        Assert.Equal(1, standIns.Answer(report with { Node = "n1" }).KnownSequence);

        _time.Advance(TimeSpan.FromMinutes(6));
        standIns.Learn(report, new NodeDirective { Sequence = 1 });
        Assert.Equal(1, standIns.Count);
    }

    [Theory]
    [InlineData(0, false, null)]
    [InlineData(800, true, null)]
    [InlineData(800, false, 800)]
    [InlineData(1, false, 100)]
    [InlineData(60_000, false, 5000)]
    public void WaitOf_IsWhatTheNodeAsksForWithinBounds(int asked, bool isLeaving, int? taken) => Assert.Equal(
        taken,
        StandIns.WaitOf(_node.Next() with { StandInAfterMilliseconds = asked, IsLeaving = isLeaving })?.TotalMilliseconds);

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
