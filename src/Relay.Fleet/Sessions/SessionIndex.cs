using System.Numerics;
using System.Runtime.CompilerServices;

namespace Relay.Fleet.Sessions;

/// <summary>
/// The rows of a <see cref="SessionTable"/> that have a key in common, in order of their sessions' ids. A key is kept once; most are
/// one session's, and have no list of their own.
/// </summary>
internal sealed class SessionIndex
{
    private const int None = -1;

    private readonly SessionTable _table;
    private readonly TextPool _texts;
    private readonly List<SortedRows?> _many = [];
    private readonly Stack<int> _freeMany = [];
    private int[] _buckets = [];
    private Slot[] _slots = [];
    private int _slotCount;
    private int _freeSlot = None;

    /// <summary>An index without rows.</summary>
    /// <param name="table">Whose rows they are.</param>
    /// <param name="like">One whose keys have room at once; null for none.</param>
    public SessionIndex(SessionTable table, SessionIndex? like)
    {
        (_table, _texts) = (table, new TextPool(like is null ? 0 : SessionTable.Roomy(like.Used - like.Freed)));
        if (like is not { Keys: > 0 and var keys })
            return;
        _slots = new Slot[SessionTable.Roomy(keys)];
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)_slots.Length)];
    }

    /// <summary>How many keys there are.</summary>
    public int Keys { get; private set; }

    /// <summary>Bytes of keys, those that are none any more among them.</summary>
    public int Used => _texts.Used;

    /// <summary>Bytes of keys that are none any more.</summary>
    public int Freed => _texts.Freed;

    /// <summary>How many bytes of memory it has, about.</summary>
    public long Size => _texts.Size + (_buckets.Length * sizeof(int)) + (_slots.Length * (long)Unsafe.SizeOf<Slot>())
        + _many.Sum(static rows => sizeof(long) + (rows?.Size ?? 0));

    /// <summary>The number of a key; -1 where no session has it.</summary>
    public int Find(ReadOnlySpan<byte> key) => _buckets.Length == 0 ? None : Find(key, HashOf(key));

    /// <summary>The key of a number; to be used before the next is added.</summary>
    public ReadOnlySpan<byte> KeyOf(int number) => _texts[_slots[number].Text];

    /// <summary>How many sessions have a key.</summary>
    public int Count(int number) =>
        number == None ? 0 : _slots[number].Rows >= 0 ? 1 : _many[~_slots[number].Rows]!.Count;

    /// <summary>The rows of a key.</summary>
    /// <param name="number">The key; -1 for none.</param>
    /// <param name="after">The id after which to begin; null for the first. To be read at once.</param>
    public IEnumerable<int> From(int number, byte[]? after)
    {
        if (number == None)
            return [];
        if (_slots[number].Rows is var row && row < 0)
            return _many[~row]!.From(after);
        return after is null || _table.IdOf(row).SequenceCompareTo(after) > 0 ? [row] : [];
    }

    /// <summary>Adds a row, which is not among those of the key.</summary>
    /// <returns>The key's number.</returns>
    public int Add(ReadOnlySpan<byte> key, int row)
    {
        var hash = HashOf(key);
        if (_buckets.Length > 0 && Find(key, hash) is var known && known != None)
        {
            ref var rows = ref _slots[known].Rows;
            if (rows >= 0)
                rows = ~Pair(rows, row);
            else
                _many[~rows]!.Add(row);
            return known;
        }
        var number = TakeSlot();
        Keys++;
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        _slots[number] = new Slot { Text = _texts.Add(key), Hash = hash, Next = bucket - 1, Rows = row };
        bucket = number + 1;
        return number;
    }

    /// <summary>Takes a row out, whose id is still known; the key with its last.</summary>
    public void Remove(int number, int row)
    {
        ref var rows = ref _slots[number].Rows;
        if (rows < 0)
        {
            var many = _many[~rows]!;
            many.Remove(row);
            if (many.Count == 1)
            {
                _many[~rows] = null;
                _freeMany.Push(~rows);
                rows = many.Single;
            }
            return;
        }
        Unlink(number);
        Keys--;
        _texts.Free(_slots[number].Text);
        _slots[number].Next = _freeSlot;
        _freeSlot = number;
    }

    private int Find(ReadOnlySpan<byte> key, int hash)
    {
        var number = _buckets[hash & (_buckets.Length - 1)] - 1;
        while (number != None && !(_slots[number].Hash == hash && KeyOf(number).SequenceEqual(key)))
            number = _slots[number].Next;
        return number;
    }

    private void Unlink(int number)
    {
        ref var bucket = ref _buckets[_slots[number].Hash & (_buckets.Length - 1)];
        if (bucket - 1 == number)
        {
            bucket = _slots[number].Next + 1;
            return;
        }
        var before = bucket - 1;
        while (_slots[before].Next != number)
            before = _slots[before].Next;
        _slots[before].Next = _slots[number].Next;
    }

    private int TakeSlot()
    {
        if (_freeSlot != None)
        {
            var free = _freeSlot;
            _freeSlot = _slots[free].Next;
            return free;
        }
        if (_slotCount == _slots.Length)
            Array.Resize(ref _slots, Math.Max(4, _slotCount + (_slotCount / 2)));
        if (_slotCount >= _buckets.Length)
            Rehash();
        return _slotCount++;
    }

    // Called where no slot is free: all are in use.
    private void Rehash()
    {
        _buckets = new int[Math.Max(4, 2 * _buckets.Length)];
        for (var number = 0; number < _slotCount; number++)
        {
            ref var bucket = ref _buckets[_slots[number].Hash & (_buckets.Length - 1)];
            _slots[number].Next = bucket - 1;
            bucket = number + 1;
        }
    }

    private int Pair(int first, int second)
    {
        var rows = new SortedRows(_table);
        rows.Add(first);
        rows.Add(second);
        if (!_freeMany.TryPop(out var free))
        {
            _many.Add(rows);
            return _many.Count - 1;
        }
        _many[free] = rows;
        return free;
    }

    // Seeded anew in each process.
    private static int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private struct Slot
    {
        public int Text;
        public int Hash;
        public int Next;

        // A row, or the complement of a place among those of many.
        public int Rows;
    }
}
