using System.Text;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The sessions of one node, as its deltas tell them. Bounded: what comes when it is full is counted and not kept. Not
/// stored: whoever loses it asks the node for all of them again.
/// </summary>
public sealed class SessionDirectory
{
    // Of each thread, since a table is one node's, and there are thousands.
    [ThreadStatic]
    private static EgressKeys? _keys;

    private readonly HashSet<string> _ending = new(StringComparer.Ordinal);
    // Those of whom more is used than is listed.
    private readonly Dictionary<string, long> _notKept = new(StringComparer.Ordinal);
    private readonly string _node;
    private readonly SessionBudget _budget;
    private SessionTables _tables = new();
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

    /// <summary>How many are moved with a delta to a table of which less is wasted.</summary>
    internal int Slice { init => _tables = new SessionTables { Slice = value }; }

    /// <summary>How many there are.</summary>
    public int Count => _tables.Count;

    /// <summary>How many bytes of memory it has, about.</summary>
    internal long Size => _tables.Size;

    /// <summary>The number up to which every change has arrived.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The last that arrived was as much as a report tells at once: there may be more of it.</summary>
    public bool IsComing { get; private set; }

    /// <summary>How many sessions an identity has.</summary>
    public int CountOf(string identity) => Count == 0 ? 0 : _tables.CountOfIdentity(Utf8.Of(identity, stackalloc byte[Utf8.Short]));

    /// <summary>
    /// How often sessions of an identity were told of and not kept, since a coordinator has no memory for them; 0 where it has.
    /// </summary>
    public long NotKeptOf(string identity) => _notKept.GetValueOrDefault(identity);

    /// <summary>Something is missing: the node has to begin anew with all of its sessions.</summary>
    public bool NeedsResync { get; private set; }

    /// <summary>Sessions that were not kept since the directory was full, or since their id is of another node; since it was last begun anew.</summary>
    public long Refused { get; private set; }

    /// <summary>Sessions that were ordered to end and have not yet ended.</summary>
    public IReadOnlyCollection<string> Ending => _ending;

    /// <summary>Applies what a report tells, as <see cref="SessionDelta"/> says.</summary>
    public SessionDeltaResult Apply(SessionDelta delta)
    {
        var result = Take(delta);
        _tables.MoveOn();
        return result;
    }

    private SessionDeltaResult Take(SessionDelta delta)
    {
        if (!delta.IsRestart && delta.From > Acknowledged)
        {
            NeedsResync = true;
            return SessionDeltaResult.Gap;
        }
        if (!delta.IsRestart && delta.To <= Acknowledged)
            return SessionDeltaResult.Unchanged;

        if (delta.IsRestart)
            Forget();
        if (delta.Changed.Count > 0)
        {
            var addresses = _keys ??= new EgressKeys();
            foreach (var session in delta.Changed)
            {
                if (!TryPut(session, addresses))
                    Refused++;
            }
        }
        foreach (var id in delta.Ended)
            Remove(PlaceOf(id));
        Acknowledged = delta.To;
        NeedsResync = false;
        IsComing = delta.Changed.Count + delta.Ended.Count >= SessionDelta.MaxChanges;
        DropEnded(delta);
        return SessionDeltaResult.Applied;
    }

    /// <summary>
    /// Forgets all sessions, so that only a whole account of them, or one from the first change on, is taken. What was
    /// ordered to end still is.
    /// </summary>
    public void Clear()
    {
        Forget();
        Acknowledged = 0;
        NeedsResync = false;
    }

    /// <summary>A session; null when there is none of that id.</summary>
    public SessionRecord? Find(string id) => PlaceOf(id) is { Table: { } table, Row: var row } ? RecordOf(table, row) : null;

    /// <summary>Marks a session as one that was ordered to end.</summary>
    /// <returns>The session; null when there is none of that id.</returns>
    public SessionRecord? MarkEnding(string id)
    {
        if (PlaceOf(id) is not { Table: { } table, Row: var row })
            return null;
        _ending.Add(id);
        table.FactsOf(row).State = SessionState.Ending;
        return RecordOf(table, row);
    }

    /// <summary>Goes on with what was stored of <see cref="Ending"/>.</summary>
    internal void RestoreEnding(IEnumerable<string> ids) => _ending.UnionWith(ids);

    /// <summary>Whether any session shows an address to targets.</summary>
    public bool HasEgress(string address)
    {
        var key = new EgressKeys();
        key.Add(address);
        return _tables.CountOfAddress(key[0]) > 0;
    }

    /// <summary>
    /// Sessions that fit what a query names of identity and egress address, in order of their ids; port, time and node
    /// are the caller's.
    /// </summary>
    /// <param name="query">What they have to fit; its limit and cursor are not looked at.</param>
    /// <param name="after">The id after which to begin; null for the first.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<SessionRecord> Query(SessionQuery query, string? after, int limit)
    {
        List<SessionRecord> found = [];
        var identity = query.Identity is { } whose ? Encoding.UTF8.GetBytes(whose) : null;
        foreach (var (table, row) in From(query.EgressAddress, identity, after is null ? null : Encoding.UTF8.GetBytes(after)))
        {
            if (found.Count >= limit)
                break;
            if (identity is null || table!.IdentityOf(row).SequenceEqual(identity))
                found.Add(RecordOf(table!, row));
        }
        return found;
    }

    private IEnumerable<SessionPlace> From(string? address, byte[]? identity, byte[]? after)
    {
        if (address is null)
            return _tables.From(table => identity is null ? table.From(after) : table.OfIdentity(identity, after));
        var key = new EgressKeys();
        key.Add(address);
        return _tables.From(table => table.OfAddress(key[0], after));
    }

    private bool TryPut(SessionRecord session, EgressKeys addresses)
    {
        // One that says of itself that it is another node's would be looked for there alone.
        if (!SessionId.MayBeOf(session.Id, _node))
            return false;
        addresses.Clear();
        for (var i = 0; i < session.EgressAddresses.Count && i < MaxEgressAddresses; i++)
            addresses.Add(session.EgressAddresses[i]);
        var facts = new SessionFacts(session);
        if (_ending.Count > 0 && _ending.Contains(session.Id))
            facts.State = SessionState.Ending;
        var id = Utf8.Of(session.Id, stackalloc byte[Utf8.Short]);
        var identity = Utf8.Of(session.Identity, stackalloc byte[Utf8.Short]);
        var place = _tables.Find(id);
        if (place.Table?.IsOf(place.Row, identity, addresses) == true)
        {
            place.Table.FactsOf(place.Row) = facts;
            return true;
        }
        Remove(place);
        if (place.Table is null && Count >= Capacity)
            return false;
        var size = SessionBudget.SizeOf(id.Length, identity.Length, addresses.Count, addresses.Length);
        if (!_budget.TryTake(size, _size))
        {
            if (_notKept.ContainsKey(session.Identity) || _notKept.Count < MaxNotKept)
                _notKept[session.Identity] = NotKeptOf(session.Identity) + 1;
            return false;
        }
        _size += size;
        _tables.Add(id, identity, addresses, facts);
        return true;
    }

    private void Remove(SessionPlace place)
    {
        if (place is not { Table: { } table, Row: var row })
            return;
        var keys = 0;
        for (var i = 0; i < table.AddressesOf(row); i++)
            keys += table.AddressOf(row, i).Length;
        var size = SessionBudget.SizeOf(table.IdOf(row).Length, table.IdentityOf(row).Length, table.AddressesOf(row), keys);
        _size -= size;
        _budget.Return(size);
        table.Remove(row);
    }

    private void Forget()
    {
        _tables = new SessionTables { Slice = _tables.Slice };
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
        if (_ending.Count == 0)
            return;
        _ending.ExceptWith(delta.Ended);
        if (!IsComing)
            _ending.RemoveWhere(id => PlaceOf(id).Table is null);
    }

    private SessionPlace PlaceOf(string id) => _tables.Find(Utf8.Of(id, stackalloc byte[Utf8.Short]));

    private SessionRecord RecordOf(SessionTable table, int row)
    {
        var facts = table.FactsOf(row);
        var addresses = new string[table.AddressesOf(row)];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = EgressKeys.AddressOf(table.AddressOf(row, i));
        return new SessionRecord
        {
            Id = Encoding.UTF8.GetString(table.IdOf(row)),
            Node = _node,
            Identity = Encoding.UTF8.GetString(table.IdentityOf(row)),
            HttpVersion = facts.HttpVersion,
            StartedAt = facts.StartedAt,
            TunnelsOpen = facts.TunnelsOpen,
            TunnelsTotal = facts.TunnelsTotal,
            UpstreamBytes = facts.UpstreamBytes,
            DownstreamBytes = facts.DownstreamBytes,
            EgressAddresses = addresses,
            State = facts.State,
        };
    }
}
