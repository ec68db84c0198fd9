using Relay.Fleet.Contract;
using Relay.Fleet.Sessions;
using Relay.Fleet.Usage;
using Relay.Fleet.Users;

namespace Relay.Fleet.Nodes;

/// <summary>
/// One node, as its reports tell: which process speaks for it, its sessions, what it was asked and ordered, what it
/// carries. Knows no other node, pool or drain; its caller adds those to <see cref="ToInfo"/> and <see cref="Answer"/>.
/// </summary>
public sealed class NodeTracker
{
    private const int MaxEndings = 256;
    private const string OfUser = "user:";

    private readonly FleetTimings _timings;
    private readonly SessionBudget? _budget;
    private readonly NameHolder _holder;
    private readonly FlowQuestions _questions = new();
    private readonly RateMeter _meter = new();
    private readonly LoadHistory _history = new();
    private readonly ClaimedUse _claimed = new();
    private readonly UseBounds _bounds;
    private DateTimeOffset _freshAt;
    private long _sequence;

    /// <summary>A node that has not reported, or that goes on from what was stored of it.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="timings">The times that the fleet agrees on.</param>
    /// <param name="state">What was stored; null for a node that is new.</param>
    /// <param name="budget">What the sessions of all nodes may take together; null for no bound.</param>
    /// <param name="time">The receiver's clocks; null for the system's.</param>
    public NodeTracker(
        string node, FleetTimings timings, NodeTrackerState? state = null, SessionBudget? budget = null, TimeProvider? time = null)
    {
        _bounds = new UseBounds(time ?? TimeProvider.System);
        _timings = timings;
        _budget = budget;
        Node = node;
        Sessions = new SessionDirectory(node, budget: budget);
        Sessions.RestoreEnding(state?.EndSessions ?? []);
        _holder = new NameHolder(timings, state);
        _sequence = state?.Sequence ?? 0;
    }

    /// <summary>The node's name.</summary>
    public string Node { get; }

    /// <summary>Its sessions.</summary>
    public SessionDirectory Sessions { get; private set; }

    /// <summary>How far it was given the fleet's users.</summary>
    public UserHandOver Users { get; } = new();

    /// <summary>Its last report that was not late, without its sessions; null before the first since this object was made.</summary>
    public NodeReport? LastReport { get; private set; }

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset LastReportAt { get; private set; }

    /// <summary>Its process has left in order, and no other has come.</summary>
    public bool HasLeft => _holder.HasLeft;

    /// <summary>Rises with every change of what <see cref="ToState"/> gives, but for the report's number.</summary>
    public long Revision { get; private set; }

    /// <summary>Takes a report that <see cref="ReportValidator"/> found without fault.</summary>
    /// <param name="report">A report of this node.</param>
    /// <param name="now">The receiver's clock.</param>
    public ReportOutcome Apply(NodeReport report, DateTimeOffset now)
    {
        var kind = KindOf(report, now);
        if (kind is ReportKind.Fresh or ReportKind.Repeated)
            _holder.OnHeard(report.Sender);
        if (kind != ReportKind.Fresh)
        {
            if (kind == ReportKind.Repeated)
                LastReportAt = now;
            return new ReportOutcome { Kind = kind, Refusal = RefusalOf(kind, report) };
        }

        var before = report.Incarnation == _holder.Incarnation ? LastReport : null;
        TimeSpan? since = before is not null ? now - _freshAt : report.Sequence == 1 ? TimeSpan.Zero : null;
        var sessions = report.Sessions;
        report = ReportBounds.Of(report, since);
        var changes = ChangesBy(report);
        var isFirst = report.Sequence == 1 || _holder.IsNew(report.Incarnation);
        if (report.Incarnation != _holder.Incarnation)
            BeginAnew(report.Incarnation);
        _sequence = report.Sequence;
        Believe(report.Use);
        _meter.Add(now, report.Totals);
        var increase = IncreaseSince(before, report, isFirst);
        var endings = Sessions.Ending.Count;
        Sessions.Capacity = (int)Math.Min(SessionDirectory.DefaultCapacity, ReportBounds.MostConnections(report.Capacity));
        Sessions.Apply(sessions);
        if (report.IsLeaving)
        {
            Sessions.Clear();
            _holder.OnLeft();
            Revision++;
        }
        if (Sessions.Ending.Count != endings)
            Revision++;
        // What may fail is before it: an increase is of the last report that was taken, and enters the history with it.
        _history.Add(report, increase.Totals, before is null ? null : since, now);
        LastReport = report;
        LastReportAt = _freshAt = now;
        return new ReportOutcome
        {
            Kind = ReportKind.Fresh,
            Changes = changes,
            Increase = increase,
            Answers = _questions.Close(report.Answers),
        };
    }

    /// <summary>What identities use at the node, as far as its last report is believed.</summary>
    public IReadOnlyList<IdentityUsage> Usages =>
        LastReport is { } report ? _claimed.Believe(report, Sessions) : [];

    /// <summary>What users have used at the node, as far as its last report is believed; null where that says nothing of it.</summary>
    public UserUseBatch? Use { get; private set; }

    /// <summary>Users of whom it is remembered what of their use was believed.</summary>
    internal int UsersRemembered => _bounds.Users;

    /// <summary>
    /// Users by name of whom it is to be asked what they have used: who had used up their month, since another may have the name by
    /// now; and who has a session here and a quota, since it may be used up elsewhere.
    /// </summary>
    /// <param name="quotaOf">What a user may use in a month; null for anything.</param>
    /// <param name="now">The coordinator's clock.</param>
    public IEnumerable<string> UsersToAsk(Func<string, long?> quotaOf, DateTimeOffset now) =>
        Spent.Read(quotaOf, now).Union(UsersHere.Where(user => quotaOf(user) is not null));

    // Of those whose use the last report tells of.
    private IEnumerable<string> UsersHere => (LastReport?.Identities ?? []).Select(static usage => usage.Identity)
        .Where(identity => identity.StartsWith(OfUser, StringComparison.Ordinal) && Sessions.CountOf(identity) > 0)
        .Select(static identity => identity[OfUser.Length..]);

    /// <summary>Users who have used up their month, and have used something at the node, or have a session there.</summary>
    public SpentUsers Spent { get; } = new();

    /// <summary>What the node is told that its identities may use: its next claims are held against it.</summary>
    public void Allow(IReadOnlyList<IdentityAllowance> limits, IdentityLimit? otherwise)
    {
        // Who has left is told of no limits any more, which lifts none.
        if (!HasLeft)
            _claimed.Allow(limits, otherwise);
    }

    /// <summary>Orders a session to end; told to the node until it has.</summary>
    /// <returns>The session; null when there is none of that id.</returns>
    public SessionRecord? EndSession(string session)
    {
        if (Sessions.MarkEnding(session) is not { } record)
            return null;
        Revision++;
        return record;
    }

    /// <summary>
    /// Asks the node a question, with its next directives until it has answered or the question is too old.
    /// </summary>
    /// <returns>Whether there was room for it.</returns>
    public bool Ask(FlowLookup lookup, DateTimeOffset now) => _questions.Add(lookup, now, now + AnswerTime);

    /// <summary>How long a question waits for its answer: three reports.</summary>
    public TimeSpan AnswerTime => 3 * _timings.ReportInterval;

    /// <summary>
    /// The node has fallen silent: its sessions leave the directory, and are asked for when it is back.
    /// </summary>
    public void OnSilent()
    {
        _meter.Clear();
        _holder.OnSilent();
        Sessions.Clear();
    }

    /// <summary>
    /// The node as this object knows it: without leases and drain, and never silent. Null before its first report.
    /// </summary>
    /// <param name="leases">The blocks that it holds.</param>
    public NodeInfo? ToInfo(IReadOnlyList<LeaseInfo>? leases = null) => LastReport is not { } report ? null : new NodeInfo
    {
        Id = Node,
        State = report.State,
        NotReady = report.NotReady,
        Incarnation = report.Incarnation,
        Version = report.Version,
        StartedAt = report.StartedAt,
        LastReportAt = LastReportAt,
        Addresses = report.Addresses,
        Capacity = report.Capacity,
        Load = report.Load,
        SessionsNotKept = Sessions.Refused,
        Totals = report.Totals,
        Rates = _meter.Rates,
        Rtt = report.Rtt.ToPercentiles(),
        Leases = leases ?? [],
        Egress = report.Egress,
        StaticPrefixes = report.StaticPrefixes,
        Drain = report.Drain,
        IsOpenRelay = report.IsOpenRelay,
        // One that asks no more is gone.
        Contender = _holder.Contender is { } other && other.AskedAt + _timings.NodeTimeout > LastReportAt ? other : null,
        Users = report.Users,
        Sender = report.Sender,
        Warnings = report.Warnings,
    };

    /// <summary>How it went within the last seconds.</summary>
    public NodeHistory History(int window, DateTimeOffset now) => _history.Read(Node, window, now);

    /// <summary>
    /// The part of the answer to a report that is this object's: how far its sessions have arrived, what it shall end
    /// and look up. The caller adds drain, leases and limits.
    /// </summary>
    public NodeDirective Answer(NodeReport report, DateTimeOffset now) => new()
    {
        Sequence = report.Sequence,
        AcknowledgedSessions = Sessions.Acknowledged,
        Resync = Sessions.NeedsResync,
        EndSessions = Sessions.Ending.Count == 0 ? [] : [.. Sessions.Ending.Take(MaxEndings)],
        Lookups = _questions.Open(now),
        ReportIntervalMilliseconds = (int)_timings.ReportInterval.TotalMilliseconds,
    };

    /// <summary>What has to be stored.</summary>
    public NodeTrackerState ToState() => new()
    {
        Incarnation = _holder.Incarnation,
        Sequence = _sequence,
        HasLeft = HasLeft,
        Superseded = [.. _holder.Ended],
        Former = [.. _holder.Former],
        EndSessions = [.. Sessions.Ending],
    };

    private ReportKind KindOf(NodeReport report, DateTimeOffset now)
    {
        switch (_holder.Judge(report, now))
        {
            case NameClaim.Free:
                return ReportKind.Fresh;
            case NameClaim.Taken:
                return ReportKind.NameTaken;
            case NameClaim.Over:
                return ReportKind.Superseded;
        }
        if (report.Sequence > _sequence)
            return HasLeft ? ReportKind.Superseded : ReportKind.Fresh;
        if (report.Sequence < _sequence)
            return ReportKind.Late;
        // The number was stored, what the report said was not: the same report tells it again.
        return LastReport is null && !HasLeft ? ReportKind.Fresh : ReportKind.Repeated;
    }

    private string? RefusalOf(ReportKind kind, NodeReport report) => kind switch
    {
        ReportKind.Superseded => $"this process of {Node} has left, or another has had its name since this report was sent",
        ReportKind.NameTaken =>
            $"another process reports as {Node}, {Where(LastReport?.Addresses ?? [])}, and keeps the name until it leaves or "
            + $"has missed three reports; this one is {Compare(report.Addresses, LastReport?.Addresses ?? [])}",
        _ => null,
    };

    // A process that is started again after a crash finds its own former self.
    private static string Compare(IReadOnlyList<string> own, IReadOnlyList<string> holders) =>
        own.Count > 0 && own.SequenceEqual(holders)
            ? $"{Where(own)} as well: wait if it was started again, or give every node a name of its own"
            : $"{Where(own)}: every node needs a name of its own";

    private static string Where(IReadOnlyList<string> addresses) => addresses.Count == 0
        ? "at an address that it does not tell"
        : $"at {string.Join(", ", addresses)}";

    private void BeginAnew(Guid begun)
    {
        _holder.Replace(begun, _sequence);
        Revision++;
        _meter.Clear();
        _claimed.Clear();
        Use = null;
        Sessions.Clear();
        Sessions = new SessionDirectory(Node, budget: _budget);
    }

    // One that is told again is what it was; and until it is known what users are allowed here, it will be.
    private void Believe(UserUseBatch? use)
    {
        if (use is null || !_claimed.IsBounded)
            Use = null;
        else if (use.Number != Use?.Number)
            Use = use with { Users = _bounds.Of(use.Users, user => _claimed.RateOf(OfUser + user)) };
    }

    private NodeChanges ChangesBy(NodeReport report)
    {
        var before = LastReport;
        var changes = report.IsLeaving ? NodeChanges.Left : NodeChanges.None;
        if (_holder.Incarnation != Guid.Empty && report.Incarnation != _holder.Incarnation)
            changes |= NodeChanges.BegunAnew;
        if (before is null || before.IsLeaving)
            return changes | NodeChanges.Joined;
        if (before.State != report.State || !before.NotReady.SequenceEqual(report.NotReady))
            changes |= NodeChanges.State;
        if (before.Drain != report.Drain)
            changes |= NodeChanges.Drain;
        if (before.Version != report.Version || !before.Addresses.SequenceEqual(report.Addresses)
            || before.IsOpenRelay != report.IsOpenRelay || !before.Warnings.SequenceEqual(report.Warnings)
            || !before.Egress.SequenceEqual(report.Egress)
            || !before.StaticPrefixes.SequenceEqual(report.StaticPrefixes))
            changes |= NodeChanges.Configuration;
        return changes;
    }

    // Without an earlier report to compare with, only the first of a process that is taken says what came; of a later one,
    // part of its totals was counted by whoever knew the node before.
    private static StatsIncrease IncreaseSince(NodeReport? before, NodeReport report, bool isFirst) =>
        before is null && !isFirst
        ? StatsIncrease.None with { Rtt = report.Rtt, TunnelSetup = report.TunnelSetup }
        : new StatsIncrease(report.Totals - (before?.Totals ?? new NodeTotals()), report.Rtt, report.TunnelSetup);
}
