using System.Runtime.CompilerServices;
using Relay.Fleet.Nodes;
using Relay.Fleet.Sessions;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public sealed class NodeTrackerTests : IAsyncDisposable
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private readonly NodeTracker _tracker = new("a", Timings);
    private readonly SimulatedNode _node = new("a");

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public void Apply_InOrderAndOut_TakesEachReportOnce()
    {
        var (first, second) = (_node.Next(), _node.Next());

        Assert.Equal(ReportKind.Fresh, _tracker.Apply(second, Begin).Kind);
        Assert.Equal(ReportKind.Repeated, _tracker.Apply(second, Begin).Kind);
        Assert.Equal(ReportKind.Late, _tracker.Apply(first, Begin).Kind);
        Assert.Equal(second.Sequence, _tracker.LastReport!.Sequence);
    }

    /// <summary>A report comes again where its answer was lost: what came since the one before it came in that time all the same.</summary>
    [Fact]
    public void History_WithReportsThatCameTwice_HasTheRateOfTheTimeBetween()
    {
        for (var i = 0; i < 60; i++)
        {
            var report = _node.Next() with { Totals = new NodeTotals { UpstreamBytes = 1000 * i } };
            _tracker.Apply(report, Begin.AddSeconds(i));
            Assert.Equal(ReportKind.Repeated, _tracker.Apply(report, Begin.AddSeconds(i + 0.8)).Kind);
        }

        var seen = _tracker.History(60, Begin.AddSeconds(59.8));

        Assert.All(seen.Points, static point => Assert.Equal(1000, point.UpstreamBytes, 1.0));
    }

    /// <summary>A coordinator that has just begun would offer to others what is in use, until its sums are true again.</summary>
    [Fact]
    public void Usages_OfANodeWhoseSessionsAreAskedForAnew_AreBelievedAtOnce_AndStay()
    {
        const int Used = 100;
        var sessions = Enumerable.Range(0, Used).Select(i => SessionOf($"s{i}")).ToArray();
        var opening = new IdentityLimit { Sessions = 2 };

        // It knows of all of them and tells of none: what a coordinator before this one had.
        foreach (var sequence in (long[])[51, 52])
        {
            _tracker.Apply(ReportOf(sequence, new SessionDelta { From = Used, To = Used }), Begin);
            Assert.True(_tracker.Sessions.NeedsResync);
            Assert.Equal(Used, Assert.Single(_tracker.Usages).Sessions);
            _tracker.Allow([new IdentityAllowance("alice", opening)], null);
        }
        for (var sequence = 53; sequence < 58; sequence++)
        {
            _tracker.Apply(
                ReportOf(sequence, new SessionDelta { IsRestart = sequence == 53, From = Used, To = Used, Changed = sequence == 53 ? sessions : [] }),
                Begin);
            Assert.Equal(Used, Assert.Single(_tracker.Usages).Sessions);
            _tracker.Allow([new IdentityAllowance("alice", opening with { Tunnels = sequence })], null);
        }

        NodeReport ReportOf(long sequence, SessionDelta delta) => _node.Next() with
        {
            Sequence = sequence,
            Load = new NodeLoad { Sessions = Used, Connections = Used },
            Identities = [new IdentityUsage("alice", Used, 0, 0)],
            Sessions = delta,
        };
        static SessionRecord SessionOf(string id) => new()
        {
            Id = id,
            Identity = "alice",
            StartedAt = Begin,
        };
    }

    /// <summary>A limit is of the whole fleet, also where a coordinator has no memory for those whose it is.</summary>
    [Fact]
    public void Usages_OfSessionsThatACoordinatorHasNoMemoryFor_CountAllTheSame()
    {
        var tracker = new NodeTracker("a", Timings, budget: new SessionBudget(0));
        SessionRecord[] sessions =
            [.. Enumerable.Range(0, 5).Select(static i => new SessionRecord { Id = $"s{i}", Identity = "alice", StartedAt = Begin })];

        for (var sequence = 1; sequence < 10; sequence++)
        {
            tracker.Apply(
                _node.Next() with
                {
                    Sequence = sequence,
                    Load = new NodeLoad { Sessions = 5, Connections = 5 },
                    Identities = [new IdentityUsage("alice", 5, 7, 0), new IdentityUsage("bob", 5, 7, 0)],
                    Sessions = new SessionDelta { From = sequence == 1 ? 0 : 5, To = 5, Changed = sequence == 1 ? sessions : [] },
                },
                Begin + TimeSpan.FromSeconds(sequence));

            // Of whom the node tells of no session, it is not believed to use anything.
            Assert.Equal(("alice", 5, 7), Assert.Single(tracker.Usages) is var usage ? (usage.Identity, usage.Sessions, usage.Tunnels) : default);
        }
    }

    /// <summary>A node that never tells of them is believed for three reports.</summary>
    [Fact]
    public void Usages_OfANodeThatNeverTellsOfItsSessions_AreNotBelievedForLong()
    {
        for (var sequence = 51; sequence < 60; sequence++)
        {
            _tracker.Apply(
                _node.Next() with
                {
                    Sequence = sequence,
                    Load = new NodeLoad { Sessions = 100, Connections = 100 },
                    Identities = [new IdentityUsage("alice", 100, 0, 0)],
                    Sessions = new SessionDelta { From = 100, To = 100 },
                },
                Begin);
            Assert.Equal(sequence < 54 ? 1 : 0, _tracker.Usages.Count);
        }
    }

    [Fact]
    public async Task Apply_OfALaterProcess_WaitsUntilTheEarlierHasMissedThreeReports()
    {
        _node.Open("s1");
        _tracker.Apply(_node.Next(), Begin);
        await _node.RestartAsync();
        for (var second = 1; second <= 3; second++)
            Assert.Equal(
                ReportKind.NameTaken, _tracker.Apply(_node.Next(), Begin + TimeSpan.FromSeconds(second)).Kind);

        var outcome = _tracker.Apply(_node.Next(), Begin + TimeSpan.FromSeconds(4));

        Assert.True(outcome.Changes.HasFlag(NodeChanges.BegunAnew));
        Assert.Null(_tracker.Sessions.Find("s1"));
    }

    [Fact]
    public void Apply_OfAProcessThatLostItsName_TakesNoReportOfBefore()
    {
        var old = new SimulatedNode("a");
        var (late, last) = (old.Next(), old.Next());
        _tracker.Apply(last, Begin);
        TakeOver(_tracker, Begin);
        var restored = new NodeTracker("a", Timings, _tracker.ToState());

        Assert.Equal(ReportKind.Superseded, _tracker.Apply(late, Begin).Kind);
        Assert.Equal(ReportKind.Superseded, restored.Apply(last, Begin).Kind);
        Assert.Equal(ReportKind.NameTaken, restored.Apply(old.Next(), Begin).Kind);
    }

    [Fact]
    public void Apply_AfterALossOfMemory_GivesTheEarlierProcessItsTime()
    {
        _tracker.Apply(_node.Next(), Begin);
        var restored = new NodeTracker("a", Timings, _tracker.ToState());
        var another = new SimulatedNode("a");

        Assert.Equal(ReportKind.NameTaken, restored.Apply(another.Next(), Begin + TimeSpan.FromHours(1)).Kind);
        Assert.Equal(ReportKind.Fresh, restored.Apply(_node.Next(), Begin + TimeSpan.FromHours(1)).Kind);
    }

    [Fact]
    public void Apply_AfterAPauseOfTheReceiver_TakesTheNameFromNobody()
    {
        _tracker.Apply(_node.Next(), Begin);
        var another = new SimulatedNode("a");
        _tracker.Apply(another.Next(), Begin);

        // What waited meanwhile comes in any order.
        Assert.Equal(ReportKind.NameTaken, _tracker.Apply(another.Next(), Begin + TimeSpan.FromHours(1)).Kind);
        Assert.Equal(ReportKind.Fresh, _tracker.Apply(_node.Next(), Begin + TimeSpan.FromHours(1)).Kind);
        // And a clock that is set back keeps it from nobody.
        TakeOver(_tracker, Begin);
    }

    [Fact]
    public void Apply_AfterItHasLeft_RefusesTheSameProcess()
    {
        _node.Open("s1");
        _tracker.Apply(_node.Next(), Begin);
        var last = _node.Next() with { IsLeaving = true };

        var outcome = _tracker.Apply(last, Begin);

        Assert.Equal(NodeChanges.Left, outcome.Changes);
        Assert.Null(_tracker.Sessions.Find("s1"));
        Assert.Equal(ReportKind.Repeated, _tracker.Apply(last, Begin).Kind);
        Assert.Equal(ReportKind.Superseded, _tracker.Apply(_node.Next(), Begin).Kind);
    }

    [Fact]
    public void Apply_WithStoredNumber_TakesTheLastReportAgain()
    {
        _tracker.Apply(_node.Next(), Begin);
        _node.Open("s1");
        var report = _node.Next();
        _tracker.Apply(report, Begin);
        var restored = new NodeTracker("a", Timings, _tracker.ToState());

        Assert.Equal(ReportKind.Fresh, restored.Apply(report, Begin).Kind);

        Assert.Equal(["s1"], restored.Sessions.Query(new SessionQuery(), null, 10).Select(session => session.Id));
    }

    [Fact]
    public void Increase_OfReports_IsWhatCameBetweenThem()
    {
        _node.Totals = new NodeTotals { UpstreamBytes = 10 };
        Assert.Equal(10, _tracker.Apply(_node.Next(), Begin).Increase.Totals.UpstreamBytes);
        _node.Totals = new NodeTotals { UpstreamBytes = 25 };
        Assert.Equal(15, _tracker.Apply(_node.Next(), Begin).Increase.Totals.UpstreamBytes);

        // Somebody else has counted what there was before.
        var restored = new NodeTracker("a", Timings);
        Assert.Equal(0, restored.Apply(_node.Next(), Begin).Increase.Totals.UpstreamBytes);
    }

    [Fact]
    public void Rates_OfReports_AreOverTheLastFew()
    {
        for (var second = 0; second < 20; second++)
        {
            _node.Totals = new NodeTotals { UpstreamBytes = second < 10 ? 0 : (second - 10) * 1000 };
            _tracker.Apply(_node.Next(), Begin + TimeSpan.FromSeconds(second));
        }

        Assert.Equal(1000, _tracker.ToInfo()!.Rates.UpstreamBytes, 1e-9);
    }

    /// <summary>What is kept of it for some seconds is what a collector has most work with.</summary>
    [Fact]
    public void Rates_OfReports_KeepNoObjectOfThem()
    {
        var meter = new RateMeter();
        var (first, second) = (Add(meter, 0), Add(meter, 1));

        GC.Collect();

        Assert.False(first.IsAlive);
        Assert.False(second.IsAlive);
        Assert.Equal(10, meter.Rates.UpstreamBytes, 1e-9);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Add(RateMeter meter, int second)
    {
        var totals = new NodeTotals { UpstreamBytes = 10 * second };
        meter.Add(Begin + TimeSpan.FromSeconds(second), totals);
        return new WeakReference(totals);
    }

    [Fact]
    public void Lookups_ThatAreNotAnswered_AreDroppedAndBounded()
    {
        _tracker.Apply(_node.Next(), Begin);
        for (var i = 0; i < 64; i++)
            Assert.True(_tracker.Ask(new FlowLookup($"q{i}", "192.0.2.1", 1), Begin));
        Assert.True(_tracker.Ask(new FlowLookup("q0", "192.0.2.1", 1), Begin));
        Assert.False(_tracker.Ask(new FlowLookup("q64", "192.0.2.1", 1), Begin));
        Assert.Equal(64, _tracker.Answer(_node.Next(), Begin).Lookups.Count);

        var answered = _tracker.Apply(
            _node.Next() with { Answers = [new FlowAnswer("q1", ["s"]), new FlowAnswer("unasked", [])] }, Begin);
        Assert.Equal(["q1"], answered.Answers.Select(answer => answer.Id));
        Assert.Empty(_tracker.Answer(_node.Next(), Begin + _tracker.AnswerTime).Lookups);
    }

    [Fact]
    public void EndSession_OverALossOfMemory_IsStillAskedFor()
    {
        _node.Open("s1");
        _tracker.Apply(_node.Next(), Begin);
        _tracker.EndSession("s1");
        var restored = new NodeTracker("a", Timings, _tracker.ToState());
        var report = _node.Next();

        restored.Apply(report, Begin);

        Assert.Equal(["s1"], restored.Answer(report, Begin).EndSessions);
        Assert.Equal(SessionState.Ending, restored.Sessions.Find("s1")!.State);
        _node.Close("s1");
        var last = _node.Next();
        restored.Apply(last, Begin);
        Assert.Empty(restored.Answer(last, Begin).EndSessions);
    }

    /// <summary>Another process asks until it is taken for the node.</summary>
    private static void TakeOver(NodeTracker tracker, DateTimeOffset from)
    {
        var next = new SimulatedNode("a");
        for (var second = 0; tracker.Apply(next.Next(), from + TimeSpan.FromSeconds(second)).Kind != ReportKind.Fresh; second++)
            Assert.InRange(second, 0, 4);
    }
}
