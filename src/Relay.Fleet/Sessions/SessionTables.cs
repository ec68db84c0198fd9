using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The sessions of one node in one table; or in two, while those of one that has become wasteful are on their way to another: some with
/// each delta, so that none waits for a million of them.
/// </summary>
internal sealed class SessionTables
{
    private SessionTable _table = new();
    private SessionTable? _old;

    /// <summary>How many go at a time: more than a delta changes, so that a table is empty before the next is wasteful; some milliseconds.</summary>
    public int Slice { get; init; } = 2 * SessionDelta.MaxChanges;

    /// <summary>How many there are.</summary>
    public int Count => _table.Count + (_old?.Count ?? 0);

    /// <summary>How many bytes of memory they have, about.</summary>
    public long Size => _table.Size + (_old?.Size ?? 0);

    /// <summary>How many sessions an identity has.</summary>
    public int CountOfIdentity(ReadOnlySpan<byte> identity) =>
        _table.CountOfIdentity(identity) + (_old?.CountOfIdentity(identity) ?? 0);

    /// <summary>How many sessions show an address, as <see cref="EgressKeys"/> has it.</summary>
    public int CountOfAddress(ReadOnlySpan<byte> address) =>
        _table.CountOfAddress(address) + (_old?.CountOfAddress(address) ?? 0);

    /// <summary>A session; its table is null where there is none of that id.</summary>
    public SessionPlace Find(ReadOnlySpan<byte> id)
    {
        if (_table.Find(id) is >= 0 and var row)
            return new SessionPlace(_table, row);
        return _old?.Find(id) is >= 0 and var old ? new SessionPlace(_old, old) : default;
    }

    /// <summary>Adds a session that is not there yet.</summary>
    public void Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> identity, EgressKeys addresses, in SessionFacts facts) =>
        _table.Add(id, identity, addresses, facts);

    /// <summary>Sessions in order of their ids. To be read at once.</summary>
    /// <param name="rows">Which of a table, in that order.</param>
    public IEnumerable<SessionPlace> From(Func<SessionTable, IEnumerable<int>> rows)
    {
        if (_old is not { } old)
        {
            foreach (var row in rows(_table))
                yield return new SessionPlace(_table, row);
            yield break;
        }
        using var first = rows(_table).GetEnumerator();
        using var second = rows(old).GetEnumerator();
        var (isFirst, isSecond) = (first.MoveNext(), second.MoveNext());
        while (isFirst || isSecond)
        {
            if (isFirst && (!isSecond || _table.IdOf(first.Current).SequenceCompareTo(old.IdOf(second.Current)) < 0))
            {
                yield return new SessionPlace(_table, first.Current);
                isFirst = first.MoveNext();
            }
            else
            {
                yield return new SessionPlace(old, second.Current);
                isSecond = second.MoveNext();
            }
        }
    }

    /// <summary>Begins another table where the one has become wasteful, and moves some sessions on where that was begun.</summary>
    public void MoveOn()
    {
        if (_old is null)
        {
            if (!_table.IsWasteful)
                return;
            (_old, _table) = (_table, new SessionTable(_table));
        }
        var addresses = new EgressKeys();
        foreach (var row in _old.From(after: null).Take(Slice).ToArray())
        {
            addresses.Clear();
            for (var i = 0; i < _old.AddressesOf(row); i++)
                addresses.Add(_old.AddressOf(row, i));
            _table.Add(_old.IdOf(row), _old.IdentityOf(row), addresses, _old.FactsOf(row));
            _old.Remove(row);
        }
        if (_old.Count == 0)
            _old = null;
    }
}

/// <summary>Where a session is.</summary>
/// <param name="Table">Its table; null where there is no such session.</param>
/// <param name="Row">Its row there.</param>
internal readonly record struct SessionPlace(SessionTable? Table, int Row);
