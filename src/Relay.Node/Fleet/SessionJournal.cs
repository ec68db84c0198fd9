using System.Collections.Concurrent;
using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;
using Relay.Node.Users;

namespace Relay.Node.Fleet;

/// <summary>
/// What the fleet is told of sessions. Loops only put a reference into a queue; everything else is done by the link,
/// whose calls must not overlap.
/// </summary>
/// <param name="clock">Wall clock and monotonic clock.</param>
/// <param name="node">The node's name in the fleet.</param>
internal sealed class SessionJournal(TimeProvider clock, string node) : ISessionObserver
{
    /// <summary>Between two looks at whose bytes have moved.</summary>
    public static readonly TimeSpan ByteInterval = TimeSpan.FromSeconds(5);

    /// <summary>Beginnings and ends of tunnels that may wait for the link; some 20 MB.</summary>
    internal const int MaxFlowEvents = 262_144;

    private readonly ConcurrentQueue<Session> _noted = new();
    private readonly ConcurrentQueue<FlowEvent> _flowEvents = new();
    private readonly Dictionary<Session, SessionEntry> _entries = [];
    private readonly Dictionary<string, SessionEntry> _byId = new(StringComparer.Ordinal);
    private readonly SessionChanges _changes = new();
    private readonly FlowTable _flows = new();
    private long _bytesAt = clock.GetTimestamp();
    private int _waiting;
    private volatile bool _overflowed;

    /// <summary>Names a session that begins; for tests, which know theirs by name.</summary>
    internal Func<Session, string> NameOf { get; init; } = _ => SessionId.New(node);

    /// <summary>Sessions that live.</summary>
    public int Count => _entries.Count;

    /// <summary>What users of the fleet have used.</summary>
    public UserUseLedger Use { get; } = new();

    /// <summary>Whether there is more to tell than one report holds.</summary>
    public bool HasBacklog => _changes.HasBacklog;

    /// <inheritdoc/>
    public void OnChanged(Session session) => _noted.Enqueue(session);

    /// <inheritdoc/>
    public void OnFlowOpened(Session session, IPEndPoint egress) => Add(session, egress, isOpen: true);

    /// <inheritdoc/>
    public void OnFlowClosed(Session session, IPEndPoint egress) => Add(session, egress, isOpen: false);

    /// <summary>Takes what the loops have said since, and looks for bytes that moved when it is time to.</summary>
    public void Collect()
    {
        for (var left = _noted.Count; left > 0 && _noted.TryDequeue(out var session); left--)
            Take(session);
        CollectFlows();
        if (clock.GetElapsedTime(_bytesAt) < ByteInterval)
            return;
        _bytesAt = clock.GetTimestamp();
        foreach (var entry in _entries.Values)
        {
            if (entry.HasMoved)
                _changes.Add(entry);
        }
    }

    /// <summary>What to tell next.</summary>
    public SessionDelta Build() => _changes.Build();

    /// <summary>What users have used, to be told next; null for nothing.</summary>
    public UserUseBatch? BuildUse()
    {
        foreach (var session in _entries.Keys)
            Use.Count(session);
        return Use.Build();
    }

    /// <summary>What was told was answered.</summary>
    public void Confirm(SessionDelta delta, long acknowledged, bool resync) =>
        _changes.Confirm(delta, acknowledged, resync);

    /// <summary>What was told up to a number has arrived, as somebody knows who says nothing of the rest.</summary>
    public void ConfirmUpTo(long acknowledged) => _changes.ConfirmUpTo(acknowledged);

    /// <summary>Ends a session, if there is one of that name.</summary>
    /// <returns>Whether it was not ordered before.</returns>
    public bool End(string id)
    {
        if (!_byId.TryGetValue(id, out var entry) || entry.IsEnding)
            return false;
        // First what may fail: what is noted is not ordered again.
        entry.Session.Connection.End(entry.Session);
        entry.IsEnding = true;
        _changes.Add(entry);
        return true;
    }

    /// <summary>Ends the sessions that have shown a user's secret which is good no more.</summary>
    /// <param name="users">Those that are.</param>
    /// <returns>Those that were not ordered before, with their identity.</returns>
    public IReadOnlyList<(string Id, string Identity)> EndRevoked(UserTable users)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        List<(string, string)> ended = [];
        foreach (var entry in _entries.Values)
        {
            if (entry.IsRevoked(users, now) && End(entry.Id))
                ended.Add((entry.Id, entry.Session.Identity.Text));
        }
        return ended;
    }

    /// <summary>Ends the sessions of some identities.</summary>
    /// <param name="identities">By <see cref="SessionIdentity.Text"/>.</param>
    /// <returns>Those that were not ordered before, with their identity.</returns>
    public IReadOnlyList<(string Id, string Identity)> EndOf(IReadOnlySet<string> identities)
    {
        if (identities.Count == 0)
            return [];
        List<(string, string)> ended = [];
        foreach (var entry in _entries.Values)
        {
            if (identities.Contains(entry.Session.Identity.Text) && End(entry.Id))
                ended.Add((entry.Id, entry.Session.Identity.Text));
        }
        return ended;
    }

    /// <summary>Looks up flows.</summary>
    public FlowAnswer Answer(FlowLookup lookup) => new(
        lookup.Id,
        [.. _flows.Find(lookup).Select(session => _entries.GetValueOrDefault(session)?.Id).OfType<string>()]);

    /// <summary>Whether a tunnel that is open has its source among these addresses.</summary>
    public bool HasFlowFrom(Func<IPAddress, bool> isAmong) => _flows.IsUsed(isAmong);

    private void Take(Session session)
    {
        session.TakeNote();
        // Told before anybody knew whose it is: it has not begun.
        if (session.Owner is null)
            return;
        var known = _entries.GetValueOrDefault(session);
        if (session.IsOver)
        {
            // Also of one that nobody has heard of, since it was short.
            Use.Count(session);
            if (known is null)
                return;
            _entries.Remove(session);
            _byId.Remove(known.Id);
            _changes.End(known);
            return;
        }
        _changes.Add(known ?? Begin(session));
    }

    private SessionEntry Begin(Session session)
    {
        var entry = new SessionEntry(NameOf(session), session, clock.GetUtcNow());
        _entries.Add(session, entry);
        _byId.Add(entry.Id, entry);
        Use.Count(session, begins: true);
        return entry;
    }

    private void Add(Session session, IPEndPoint egress, bool isOpen)
    {
        if (Interlocked.Increment(ref _waiting) > MaxFlowEvents)
        {
            Interlocked.Decrement(ref _waiting);
            _overflowed = true;
            return;
        }
        _flowEvents.Enqueue(new FlowEvent(session, egress, isOpen, clock.GetUtcNow()));
    }

    private void CollectFlows()
    {
        if (_overflowed)
        {
            // Without every end the table would grow for ever: what is open now cannot be looked up.
            _overflowed = false;
            while (_flowEvents.TryDequeue(out _))
                Interlocked.Decrement(ref _waiting);
            _flows.Clear();
        }
        for (var left = Volatile.Read(ref _waiting); left > 0 && _flowEvents.TryDequeue(out var flow); left--)
        {
            Interlocked.Decrement(ref _waiting);
            if (!flow.IsOpen)
            {
                _flows.Close(flow.Session, flow.Egress, flow.At);
                continue;
            }
            _flows.Open(flow.Session, flow.Egress, flow.At);
            // Its session may have begun after the sessions were looked at.
            var entry = _entries.GetValueOrDefault(flow.Session)
                ?? (flow.Session is { Owner: not null, IsOver: false } ? Begin(flow.Session) : null);
            if (entry?.AddAddress(flow.Egress.Address) == true)
                _changes.Add(entry);
        }
    }

    private readonly record struct FlowEvent(Session Session, IPEndPoint Egress, bool IsOpen, DateTimeOffset At);
}
