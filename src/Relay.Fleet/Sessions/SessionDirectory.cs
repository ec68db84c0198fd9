using System.Net;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The sessions of one node, as its deltas tell them. Bounded: what comes when it is full is counted and not kept. Not
/// stored: whoever loses it asks the node for all of them again.
/// </summary>
public sealed class SessionDirectory
{
    private readonly Dictionary<string, SessionRecord> _sessions = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _order = new(StringComparer.Ordinal);
    private readonly SessionIndex _byIdentity = new();
    private readonly SessionIndex _byEgress = new();
    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);
    // Those of whom more is used than is listed.
    private readonly Dictionary<string, long> _notKept = new(StringComparer.Ordinal);
    private readonly string _node;
    private readonly SessionBudget _budget;
    private long _size;

    /// <summary>How many sessions of a node are kept unless another number is given.</summary>
    public const int DefaultCapacity = 1_000_000;

    // As many as a report names.
    private const int MaxNotKept = 4096;

    /// <summary>How many addresses of a session are kept.</summary>
    public const int MaxEgressAddresses = 8;

    /// <summary>A directory without sessions.</summary>
    /// <param name="node">The node whose sessions they are.</param>
    /// <param name="capacity">How many are kept.</param>
    /// <param name="budget">What all nodes' sessions may take together; null for as much as the capacity allows.</param>
    public SessionDirectory(string node, int capacity = DefaultCapacity, SessionBudget? budget = null) =>
        (_node, Capacity, _budget) = (node, capacity, budget ?? new SessionBudget(long.MaxValue));

    /// <summary>How many are kept; what is there stays when it falls below.</summary>
    public int Capacity { get; set; }

    /// <summary>How many there are.</summary>
    public int Count => _sessions.Count;

    /// <summary>The number up to which every change has arrived.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The last that arrived was as much as a report tells at once: there may be more of it.</summary>
    public bool IsComing { get; private set; }

    /// <summary>How many sessions an identity has.</summary>
    public int CountOf(string identity) => _byIdentity.Count(identity);

    /// <summary>
    /// How often sessions of an identity were told of and not kept, since a coordinator has no memory for them; 0 where it has.
    /// </summary>
    public long NotKeptOf(string identity) => _notKept.GetValueOrDefault(identity);

    /// <summary>Something is missing: the node has to begin anew with all of its sessions.</summary>
    public bool NeedsResync { get; private set; }

    /// <summary>Sessions that were not kept since the directory was full; since it was last begun anew.</summary>
    public long Refused { get; private set; }

    /// <summary>Sessions that were ordered to end and have not yet ended.</summary>
    public IReadOnlyCollection<string> Ending => _ending;

    /// <summary>Applies what a report tells, as <see cref="SessionDelta"/> says.</summary>
    public SessionDeltaOutcome Apply(SessionDelta delta)
    {
        if (!delta.IsRestart && delta.From > Acknowledged)
        {
            NeedsResync = true;
            return SessionDeltaOutcome.Gap;
        }
        if (!delta.IsRestart && delta.To <= Acknowledged)
            return SessionDeltaOutcome.Unchanged;

        var before = delta.IsRestart
            ? _sessions.Values.ToDictionary(session => session.Id, StringComparer.Ordinal)
            : null;
        if (delta.IsRestart)
            Forget();
        var refused = 0;
        var changed = new List<SessionRecord>(delta.Changed.Count);
        foreach (var session in delta.Changed)
        {
            if (Put(session) is { } kept)
                changed.Add(kept);
            else
                refused++;
        }
        var ended = new List<SessionRecord>(delta.Ended.Count);
        foreach (var id in delta.Ended)
        {
            if (Remove(id) is { } session)
                ended.Add(session);
        }
        if (before is not null)
            ended.AddRange(before.Values.Where(session => !_sessions.ContainsKey(session.Id)));
        Acknowledged = delta.To;
        NeedsResync = false;
        Refused += refused;
        IsComing = delta.Changed.Count + delta.Ended.Count >= SessionDelta.MaxChanges;
        DropEnded(delta);
        return new SessionDeltaOutcome(SessionDeltaResult.Applied, changed, ended, refused);
    }

    /// <summary>
    /// Forgets all sessions, so that only a whole account of them, or one from the first change on, is taken. What was
    /// ordered to end still is.
    /// </summary>
    /// <returns>The sessions that there were.</returns>
    public IReadOnlyList<SessionRecord> Clear()
    {
        var all = _sessions.Values.ToArray();
        Forget();
        Acknowledged = 0;
        NeedsResync = false;
        return all;
    }

    /// <summary>A session; null when there is none of that id.</summary>
    public SessionRecord? Find(string id) => _sessions.GetValueOrDefault(id);

    /// <summary>Marks a session as one that was ordered to end.</summary>
    /// <returns>The session; null when there is none of that id.</returns>
    public SessionRecord? MarkEnding(string id)
    {
        if (!_sessions.TryGetValue(id, out var session))
            return null;
        _ending.Add(id);
        return _sessions[id] = session with { State = SessionState.Ending };
    }

    /// <summary>Goes on with what was stored of <see cref="Ending"/>.</summary>
    internal void RestoreEnding(IEnumerable<string> ids) => _ending.UnionWith(ids);

    /// <summary>Whether any session shows an address to targets.</summary>
    public bool HasEgress(string address) => _byEgress.Count(Canonical(address)) > 0;

    /// <summary>
    /// Sessions that fit what a query names of identity and egress address, in order of their ids; port, time and node
    /// are the caller's.
    /// </summary>
    /// <param name="query">What they have to fit; its limit and cursor are not looked at.</param>
    /// <param name="after">The id after which to begin; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<SessionRecord> Query(SessionQuery query, string? after, int limit)
    {
        var address = query.EgressAddress is { } text ? Canonical(text) : null;
        var ids = address is not null ? _byEgress.Find(address)
            : query.Identity is not null ? _byIdentity.Find(query.Identity)
            : _order;
        var found = new List<SessionRecord>();
        foreach (var id in From(ids, after))
        {
            if (found.Count >= limit)
                break;
            var session = _sessions[id];
            if (query.Identity is null || session.Identity == query.Identity)
                found.Add(session);
        }
        return found;
    }

    private static IEnumerable<string> From(SortedSet<string>? ids, string? after)
    {
        if (ids is not { Count: > 0 })
            return [];
        if (after is null)
            return ids;
        return string.CompareOrdinal(ids.Max, after) <= 0
            ? []
            : ids.GetViewBetween(after, ids.Max).Where(id => !string.Equals(id, after, StringComparison.Ordinal));
    }

    private SessionRecord? Put(SessionRecord session)
    {
        if (Remove(session.Id) is null && _sessions.Count >= Capacity)
            return null;
        var kept = session with
        {
            Node = _node,
            EgressAddresses = Kept(session.EgressAddresses),
            State = _ending.Contains(session.Id) ? SessionState.Ending : session.State,
        };
        var size = SessionBudget.SizeOf(kept);
        if (!_budget.TryTake(size, _size))
        {
            if (_notKept.ContainsKey(kept.Identity) || _notKept.Count < MaxNotKept)
                _notKept[kept.Identity] = NotKeptOf(kept.Identity) + 1;
            return null;
        }
        _size += size;
        _sessions.Add(kept.Id, kept);
        _order.Add(kept.Id);
        _byIdentity.Add(kept.Identity, kept.Id);
        foreach (var address in kept.EgressAddresses)
            _byEgress.Add(address, kept.Id);
        return kept;
    }

    private SessionRecord? Remove(string id)
    {
        if (!_sessions.Remove(id, out var session))
            return null;
        var size = SessionBudget.SizeOf(session);
        _size -= size;
        _budget.Return(size);
        _order.Remove(id);
        _byIdentity.Remove(session.Identity, id);
        foreach (var address in session.EgressAddresses)
            _byEgress.Remove(address, id);
        return session;
    }

    private void Forget()
    {
        _sessions.Clear();
        _order.Clear();
        _byIdentity.Clear();
        _byEgress.Clear();
        _budget.Return(_size);
        _size = 0;
        IsComing = false;
        Refused = 0;
        _notKept.Clear();
    }

    // While a whole account is still coming in parts, what is not here yet may still come. A delta with room left is
    // the last part.
    private void DropEnded(SessionDelta delta)
    {
        _ending.ExceptWith(delta.Ended);
        if (!IsComing)
            _ending.RemoveWhere(id => !_sessions.ContainsKey(id));
    }

    private static string[] Kept(IReadOnlyList<string> addresses)
    {
        var kept = new string[Math.Min(addresses.Count, MaxEgressAddresses)];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = Canonical(addresses[i]);
        return kept;
    }

    // Nodes write it so: then it is the same text.
    private static string Canonical(string address)
    {
        Span<char> text = stackalloc char[64];
        return !IPAddress.TryParse(address, out var parsed)
            || (parsed.TryFormat(text, out var length) && text[..length].SequenceEqual(address)) ? address : parsed.ToString();
    }
}
