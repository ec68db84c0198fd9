using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Relay.Fleet.Contract;
using Relay.Fleet.Sessions;
using Relay.Node.Fleet;

namespace Relay.Node.Tests.Fleet;

/// <summary>The account of sessions arrives whole, whatever becomes of reports and answers.</summary>
public class SessionChangesTests
{
    private readonly FakeSessions _sessions = new();
    private readonly SessionChanges _changes = new();
    private readonly SessionDirectory _directory = new("node");

    /// <summary>What can happen between a node and its fleet.</summary>
    private enum Step
    {
        Begin,
        Change,
        End,
        Exchange,
        LoseReport,
        LoseAnswer,
        FleetForgets,
        ReportTwice,
        StandIn,
    }

    [Fact]
    public void Account_AfterAnyHistory_IsTheFleetsToo()
    {
        var steps = Gen.Frequency(
            (6, Gen.Constant(Step.Begin)), (6, Gen.Constant(Step.Change)), (5, Gen.Constant(Step.End)),
            (4, Gen.Constant(Step.Exchange)), (2, Gen.Constant(Step.LoseReport)), (2, Gen.Constant(Step.LoseAnswer)),
            (1, Gen.Constant(Step.FleetForgets)), (1, Gen.Constant(Step.ReportTwice)),
            (2, Gen.Constant(Step.StandIn)));
        var history =
            from count in Gen.Choose(1, 200)
            from list in Gen.ListOf(steps, count)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Steps: list.ToArray(), Seed: seed);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true)
                .WithReplay(new Replay(new Rnd(9298), FSharpOption<int>.None)),
            Prop.ForAll(
                history.ToArbitrary(), static history => new History(history.Seed, maxEnded: 5).Holds(history.Steps)));
    }

    [Fact]
    public void Delta_NotConfirmed_IsToldAgainWithWhatCameSince()
    {
        var (first, second) = (Begin(), Begin());
        var lost = _changes.Build();
        Assert.True(lost.IsRestart);
        Assert.Equal(2, lost.Changed.Count);
        _changes.End(first);
        var third = Begin();
        Exchange();
        Assert.Equal(Ids(second, third), Listed());
    }

    [Fact]
    public void Session_ThatCameAndWent_IsNeverTold()
    {
        Exchange();
        _changes.End(Begin());
        var delta = _changes.Build();
        Assert.Empty(delta.Changed);
        Assert.Empty(delta.Ended);
        Assert.Equal(0, _changes.Pending);
    }

    [Fact]
    public void Session_ThatChangesOften_HasOnePlace()
    {
        var entry = Begin();
        for (var i = 0; i < 1000; i++)
            _changes.Add(entry);
        Assert.Equal(1, _changes.Pending);
        Exchange();
        Assert.Equal(0, _changes.Pending);
    }

    [Fact]
    public void Changes_MoreThanADeltaHolds_ComeWithTheNext()
    {
        var all = Enumerable.Range(0, SessionDelta.MaxChanges + 10).Select(_ => Begin()).ToArray();
        Assert.True(_changes.HasBacklog);
        Exchange();
        Assert.Equal(SessionDelta.MaxChanges, _directory.Count);
        Assert.False(_changes.HasBacklog);
        Exchange();
        Assert.Equal(Ids(all), Listed());
    }

    [Fact]
    public void Fleet_ThatHasLostItsState_GetsTheWholeAccount()
    {
        var (first, second) = (Begin(), Begin());
        Exchange();
        _directory.Clear();
        _changes.End(first);
        // The gap is noticed, and what it takes to fill it is told.
        Exchange();
        Exchange();
        Assert.Equal(Ids(second), Listed());
    }

    [Fact]
    public void EndedSessions_WhileNobodyAnswers_AreNotKeptForEver()
    {
        var changes = new SessionChanges(maxEnded: 10);
        var history = new List<SessionEntry>();
        for (var i = 0; i < 100; i++)
        {
            var entry = Entry();
            changes.Add(entry);
            _ = changes.Build();
            changes.End(entry);
            history.Add(entry);
            Assert.InRange(changes.Pending, 0, 11);
        }
        Assert.Equal(0, changes.Live);
    }

    private SessionEntry Begin()
    {
        var entry = Entry();
        _changes.Add(entry);
        return entry;
    }

    private SessionEntry Entry() => new(Guid.NewGuid().ToString("N"), _sessions.Begin(), DateTimeOffset.UnixEpoch);

    private void Exchange()
    {
        var delta = _changes.Build();
        _directory.Apply(delta);
        _changes.Confirm(delta, _directory.Acknowledged, _directory.NeedsResync);
    }

    private static IEnumerable<string> Ids(params SessionEntry[] entries) =>
        entries.Select(static entry => entry.Id).Order(StringComparer.Ordinal);

    private IEnumerable<string> Listed() => History.Ids(_directory);

    private sealed class History(int seed, int maxEnded)
    {
        private readonly Random _random = new(seed);
        private readonly FakeSessions _sessions = new();
        private readonly SessionChanges _changes = new(maxEnded);
        private readonly List<SessionEntry> _live = [];
        private readonly SessionDirectory _directory = new("node");
        private int _names;

        // What somebody saw acknowledged to a report since the last whose answer arrived.
        private long _seen;

        public bool Holds(IEnumerable<Step> steps)
        {
            foreach (var step in steps)
                Do(step);
            // Once answers come again, two exchanges are enough: one may only find out that something is missing.
            Do(Step.Exchange);
            Do(Step.Exchange);
            return Ids(_directory).SequenceEqual(_live.Select(static entry => entry.Id).Order(StringComparer.Ordinal))
                && _live.TrueForAll(entry => _directory.Find(entry.Id)!.TunnelsTotal == entry.Session.Tunnels)
                && _changes.Pending == 0;
        }

        public static IEnumerable<string> Ids(SessionDirectory directory) =>
            directory.Query(new SessionQuery(), after: null, int.MaxValue).Select(static session => session.Id)
                .Order(StringComparer.Ordinal);

        private void Do(Step step)
        {
            switch (step)
            {
                case Step.Begin:
                    var entry = new SessionEntry($"s{_names++}", _sessions.Begin(), DateTimeOffset.UnixEpoch);
                    _live.Add(entry);
                    _changes.Add(entry);
                    break;
                case Step.Change when _live.Count > 0:
                    var changed = _live[_random.Next(_live.Count)];
                    FakeSessions.OpenTunnel(changed.Session);
                    _changes.Add(changed);
                    break;
                case Step.End when _live.Count > 0:
                    var ended = _live[_random.Next(_live.Count)];
                    _live.Remove(ended);
                    _changes.End(ended);
                    break;
                case Step.Exchange:
                    var delta = _changes.Build();
                    _directory.Apply(delta);
                    _changes.Confirm(delta, _directory.Acknowledged, _directory.NeedsResync);
                    _seen = 0;
                    break;
                case Step.LoseReport:
                    _ = _changes.Build();
                    break;
                case Step.LoseAnswer:
                    _directory.Apply(_changes.Build());
                    _seen = _directory.Acknowledged;
                    break;
                case Step.FleetForgets:
                    _directory.Clear();
                    break;
                case Step.ReportTwice:
                    var twice = _changes.Build();
                    _directory.Apply(twice);
                    _directory.Apply(twice);
                    _changes.Confirm(twice, _directory.Acknowledged, _directory.NeedsResync);
                    _seen = 0;
                    break;
                case Step.StandIn:
                    _changes.ConfirmUpTo(_seen);
                    break;
                default:
                    break;
            }
        }
    }
}
