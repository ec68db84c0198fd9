namespace Relay.Native.Linux;

/// <summary>
/// A loop's deadlines: a binary heap whose entries know their place, so that moving a deadline, which happens once for
/// each burst of packets, is a few comparisons and no allocation.
/// </summary>
public sealed class TimerHeap
{
    private HeapTimer[] _heap = new HeapTimer[64];

    /// <summary>How many timers are set.</summary>
    public int Count { get; private set; }

    /// <summary>The earliest deadline; <see cref="ulong.MaxValue"/> when there is none.</summary>
    public ulong Next => Count == 0 ? ulong.MaxValue : _heap[0].Due;

    /// <summary>Sets, moves, or (for <see cref="ulong.MaxValue"/>) clears a timer.</summary>
    public void Set(HeapTimer timer, ulong due)
    {
        if (due == ulong.MaxValue)
        {
            Clear(timer);
            return;
        }
        if (!timer.IsSet)
        {
            if (Count == _heap.Length)
                Array.Resize(ref _heap, Count * 2);
            timer.Due = due;
            Up(timer, Count++);
            return;
        }
        // As a turn of writing does that sent nothing.
        if (due == timer.Due)
            return;
        var earlier = due < timer.Due;
        timer.Due = due;
        if (earlier)
            Up(timer, timer.Index);
        else
            Down(timer, timer.Index);
    }

    /// <summary>Clears a timer; does nothing when it is not set.</summary>
    public void Clear(HeapTimer timer)
    {
        if (!timer.IsSet)
            return;
        var index = timer.Index;
        timer.Index = -1;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (ReferenceEquals(last, timer))
            return;
        if (index > 0 && last.Due < _heap[(index - 1) / 2].Due)
            Up(last, index);
        else
            Down(last, index);
    }

    /// <summary>Fires what is due. A timer that is set again while it fires waits for the next turn.</summary>
    public void Fire(ulong now)
    {
        for (var left = Count; left > 0 && Count > 0 && _heap[0].Due <= now; left--)
        {
            var timer = _heap[0];
            Clear(timer);
            timer.OnDue();
        }
    }

    private void Up(HeapTimer timer, int index)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].Due <= timer.Due)
                break;
            Place(_heap[parent], index);
            index = parent;
        }
        Place(timer, index);
    }

    private void Down(HeapTimer timer, int index)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && _heap[child + 1].Due < _heap[child].Due)
                child++;
            if (_heap[child].Due >= timer.Due)
                break;
            Place(_heap[child], index);
            index = child;
        }
        Place(timer, index);
    }

    private void Place(HeapTimer timer, int index)
    {
        _heap[index] = timer;
        timer.Index = index;
    }
}

/// <summary>A deadline that a <see cref="TimerHeap"/> holds. Owned by one loop.</summary>
public abstract class HeapTimer
{
    /// <summary>Place in the heap; −1 outside it.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>When it fires, on the loop's clock in nanoseconds.</summary>
    internal ulong Due { get; set; }

    /// <summary>Whether it is set.</summary>
    public bool IsSet => Index >= 0;

    /// <summary>Whether it does not fire by a time.</summary>
    public bool IsLaterThan(ulong time) => !IsSet || Due > time;

    /// <summary>The deadline has come; the timer is no longer set.</summary>
    public abstract void OnDue();
}
