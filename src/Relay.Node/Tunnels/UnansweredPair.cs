namespace Relay.Node.Tunnels;

/// <summary>
/// What one source may send to one address that has not answered: a bucket that time fills again. Shared by loops, without
/// a lock: it is one number, the time at which it is whole again.
/// </summary>
internal sealed class UnansweredPair
{
    /// <summary>
    /// Datagrams of 1 KiB or less that pass at any speed, larger ones in proportion: the first flights of some twenty
    /// clients of QUIC, whose targets all answer later than that.
    /// </summary>
    internal const int MaxDatagrams = 512;

    /// <summary>Nanoseconds that fill it by one datagram: 16 a second.</summary>
    internal const ulong Interval = 62_500_000;

    private const int Unit = 1024;

    private ulong _wholeAt;

    /// <summary>Takes a datagram's part, or says that there is none left.</summary>
    /// <param name="length">Of the datagram, in bytes.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal bool TryTake(int length, ulong now)
    {
        while (true)
        {
            var before = Volatile.Read(ref _wholeAt);
            var after = Math.Max(before, now) + CostOf(length);
            if (after > now + (MaxDatagrams * Interval))
                return false;
            if (Interlocked.CompareExchange(ref _wholeAt, after, before) == before)
                return true;
        }
    }

    /// <summary>Gives back what was taken for a target that has answered.</summary>
    internal void Return(ulong cost) => Interlocked.Add(ref _wholeAt, 0 - cost);

    /// <summary>Whether nothing is held against it.</summary>
    internal bool IsWhole(ulong now) => Volatile.Read(ref _wholeAt) <= now;

    /// <summary>What a datagram takes, in nanoseconds.</summary>
    internal static ulong CostOf(int length) => (ulong)Math.Max(length, Unit) * (Interval / Unit);
}
