namespace Relay.Load.Loop;

/// <summary>Something that wants to be called at a time.</summary>
internal interface ITimed
{
    /// <summary>Where the heap keeps it; −1 outside of one. Written by the heap.</summary>
    int TimerIndex { get; set; }
}

/// <summary>
/// The deadlines of all connections, the earliest on top. A connection's deadline changes with nearly every packet, so
/// entries are moved in place.
/// </summary>
internal sealed class TimerHeap<T>
    where T : class, ITimed
{
    private (ulong Due, T Item)[] _entries = new (ulong, T)[64];

    public int Count { get; private set; }

    /// <summary>The earliest deadline, or <see cref="ulong.MaxValue"/>.</summary>
    public ulong NextDue => Count == 0 ? ulong.MaxValue : _entries[0].Due;

    /// <summary>Adds the item or moves its deadline.</summary>
    public void Set(T item, ulong due)
    {
        var index = item.TimerIndex;
        if (index < 0)
        {
            if (Count == _entries.Length)
                Array.Resize(ref _entries, Count * 2);
            index = Count++;
        }
        else if (_entries[index].Due == due)
        {
            return;
        }
        Place(index, (due, item));
        if (!Rise(index))
            Sink(index);
    }

    public void Remove(T item)
    {
        var index = item.TimerIndex;
        if (index < 0)
            return;
        item.TimerIndex = -1;
        var last = _entries[--Count];
        _entries[Count] = default;
        if (index == Count)
            return;
        Place(index, last);
        if (!Rise(index))
            Sink(index);
    }

    /// <summary>Takes the earliest item whose deadline has come.</summary>
    public bool TryTake(ulong now, out T? item)
    {
        item = null;
        if (Count == 0 || _entries[0].Due > now)
            return false;
        item = _entries[0].Item;
        Remove(item);
        return true;
    }

    private bool Rise(int index)
    {
        var moved = false;
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_entries[parent].Due <= _entries[index].Due)
                break;
            Swap(index, parent);
            index = parent;
            moved = true;
        }
        return moved;
    }

    private void Sink(int index)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= Count)
                return;
            if (child + 1 < Count && _entries[child + 1].Due < _entries[child].Due)
                child++;
            if (_entries[index].Due <= _entries[child].Due)
                return;
            Swap(index, child);
            index = child;
        }
    }

    private void Swap(int a, int b)
    {
        var entry = _entries[a];
        Place(a, _entries[b]);
        Place(b, entry);
    }

    private void Place(int index, (ulong Due, T Item) entry)
    {
        _entries[index] = entry;
        entry.Item.TimerIndex = index;
    }
}
