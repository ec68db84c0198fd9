namespace Relay.Node.Counters;

/// <summary>
/// How much of its time a loop did not wait. The loop adds, and moves the window once a second; whoever reads may meet
/// a value that is a moment old.
/// </summary>
internal sealed class LoopUsage
{
    /// <summary>Seconds that the window covers.</summary>
    private const int Length = 6;

    private readonly long[] _busyAt = new long[Length];
    private readonly long[] _waitedAt = new long[Length];
    private long _busy;
    private long _waited;
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

    /// <summary>The loop did something. On the loop.</summary>
    public void AddBusy(ulong nanoseconds) => _busy += (long)nanoseconds;

    /// <summary>The loop waited for something to do. On the loop.</summary>
    public void AddWaited(ulong nanoseconds) => _waited += (long)nanoseconds;

    /// <summary>Moves the window. On the loop, once a second.</summary>
    public void Sample()
    {
        (_busyAt[_next], _waitedAt[_next]) = (_busy, _waited);
        Volatile.Write(ref _next, (_next + 1) % Length);
    }
}
