namespace Relay.Load.Measure;

/// <summary>What an echo turned out to be.</summary>
internal enum EchoOutcome
{
    /// <summary>The answer to an outstanding datagram.</summary>
    Answered,

    /// <summary>The answer to one that had been given up.</summary>
    Late,

    /// <summary>An answer that came before.</summary>
    Duplicate,

    /// <summary>No datagram of this window.</summary>
    Unknown,
}

/// <summary>
/// A window of outstanding datagrams. Each has a slot, which is named in the datagram, so that an echo finds it at
/// once; a slot whose datagram was lost is free again after a time, so that losses do not stall the window.
/// </summary>
internal sealed class EchoWindow
{
    private readonly Slot[] _slots;
    private readonly Queue<int> _free;
    private readonly HashSet<ulong> _lost = [];
    private ulong _next = 1;

    public EchoWindow(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _slots = new Slot[size];
        _free = new Queue<int>(Enumerable.Range(0, size));
    }

    private struct Slot
    {
        internal ulong Sequence;
        internal ulong SentAt;
        internal bool Outstanding;
    }

    public int Outstanding => _slots.Length - _free.Count;

    /// <summary>The slot and sequence number of the next datagram; the same until <see cref="RecordSent"/>.</summary>
    public bool TryPeek(out int slot, out ulong sequence)
    {
        sequence = _next;
        return _free.TryPeek(out slot);
    }

    /// <summary>The datagram that was peeked is on its way.</summary>
    public void RecordSent(ulong now)
    {
        if (!TryPeek(out var slot, out var sequence))
            throw new InvalidOperationException("The window is full.");
        _slots[slot] = new Slot { Sequence = sequence, SentAt = now, Outstanding = true };
        _free.Dequeue();
        _next++;
    }

    /// <summary>An echo arrived.</summary>
    /// <param name="slot">As it says.</param>
    /// <param name="sequence">As it says.</param>
    /// <param name="now">The clock.</param>
    /// <param name="latency">Time since it was sent, for <see cref="EchoOutcome.Answered"/>.</param>
    public EchoOutcome Receive(uint slot, ulong sequence, ulong now, out ulong latency)
    {
        latency = 0;
        if (slot >= (uint)_slots.Length || sequence == 0 || sequence >= _next)
            return EchoOutcome.Unknown;
        ref var entry = ref _slots[slot];
        if (entry.Outstanding && entry.Sequence == sequence)
        {
            latency = now - entry.SentAt;
            Release((int)slot);
            return EchoOutcome.Answered;
        }
        return _lost.Count > 0 && _lost.Remove(sequence) ? EchoOutcome.Late : EchoOutcome.Duplicate;
    }

    /// <summary>Gives up what has been outstanding for too long.</summary>
    /// <returns>How many datagrams that were.</returns>
    public int Expire(ulong now, ulong timeout)
    {
        if (Outstanding == 0)
            return 0;
        var count = 0;
        for (var i = 0; i < _slots.Length; i++)
        {
            ref var entry = ref _slots[i];
            if (!entry.Outstanding || now - entry.SentAt < timeout)
                continue;
            _lost.Add(entry.Sequence);
            Release(i);
            count++;
        }
        return count;
    }

    private void Release(int slot)
    {
        _slots[slot].Outstanding = false;
        _free.Enqueue(slot);
    }
}
