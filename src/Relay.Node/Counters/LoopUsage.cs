namespace Relay.Node.Counters;

/// <summary>
/// How much of its time a loop did not wait, and how long others waited for a turn of its. The loop adds, and moves the window once a
/// second; whoever reads may meet a value that is a moment old.
/// </summary>
internal sealed class LoopUsage
{
    /// <summary>Seconds that the window covers.</summary>
    private const int Length = 6;

    private readonly long[] _busyAt = new long[Length];
    private readonly long[] _waitedAt = new long[Length];
    private readonly long[] _longestOf = new long[Length];
    private long _busy;
    private long _waited;
    private long _longest;
    private int _next;

    /// <summary>Part of the last seconds that the loop did not wait, 0 to 1.</summary>
    public double Ratio
    {
        get
        {
            var oldest = Volatile.Read(ref _next);
            var busy = Volatile.Read(ref _busy) - _busyAt[oldest];
            var all = busy + Volatile.Read(ref _waited) - _waitedAt[oldest];
            return all <= 0 ? 0 : Math.Clamp((double)busy / all, 0, 1);
        }
    }

    /// <summary>The longest turn of the last seconds, in nanoseconds: whatever came in it waited until its end.</summary>
    public long LongestTurn
    {
        get
        {
            var longest = Volatile.Read(ref _longest);
            foreach (var one in _longestOf)
                longest = Math.Max(longest, one);
            return longest;
        }
    }

    /// <summary>The loop had a turn of so long. On the loop.</summary>
    public void AddBusy(ulong nanoseconds)
    {
        var turn = (long)nanoseconds;
        _busy += turn;
        if (turn > _longest)
            _longest = turn;
    }

    /// <summary>The loop waited for something to do. On the loop.</summary>
    public void AddWaited(ulong nanoseconds) => _waited += (long)nanoseconds;

    /// <summary>Moves the window. On the loop, once a second.</summary>
    public void Sample()
    {
        (_busyAt[_next], _waitedAt[_next], _longestOf[_next]) = (_busy, _waited, _longest);
        _longest = 0;
        Volatile.Write(ref _next, (_next + 1) % Length);
    }
}
