using Relay.Node.Targets;

namespace Relay.Node.Tunnels;

/// <summary>
/// What one source may send to one address that has not answered: a bucket that time fills again. Shared by loops, without
/// a lock: it is one number, the time at which it is whole again.
/// </summary>
/// <param name="limit">
/// Datagrams of 1 KiB or less that pass at any speed, larger ones in proportion, and how many a second fill it again.
/// </param>
/// <param name="isRest">
/// Whether it is for all the addresses of a source that have none of their own: that one answers says nothing of the others.
/// </param>
internal sealed class UnansweredPair(RateLimit limit, bool isRest = false)
{
    /// <summary>
    /// Nanoseconds for which nothing is taken after an answer. A source may be many users behind one address: that one of
    /// them floods a host must not keep the others from it, and a host that answers them wants their packets.
    /// </summary>
    internal const ulong AnsweredFor = 60_000_000_000;

    private const int Unit = 1024;

    private ulong _wholeAt;
    private ulong _freeUntil;
    private int _holders;

    /// <summary>Whether a tunnel that is not answered counts on it.</summary>
    internal bool IsHeld => Volatile.Read(ref _holders) > 0;

    /// <summary>Takes a datagram's part, or says that there is none left.</summary>
    /// <param name="length">Of the datagram, in bytes.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal bool TryTake(int length, ulong now)
    {
        if (now < Volatile.Read(ref _freeUntil))
            return true;
        while (true)
        {
            var before = Volatile.Read(ref _wholeAt);
            var after = Math.Max(before, now) + CostOf(length);
            if (after > now + ((ulong)limit.Burst * limit.Interval))
                return false;
            if (Interlocked.CompareExchange(ref _wholeAt, after, before) == before)
                return true;
        }
    }

    /// <summary>A target has answered: nothing is held against its source any more.</summary>
    /// <param name="owed">What its tunnel took.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal void OnAnswered(ulong owed, ulong now)
    {
        if (isRest)
        {
            Interlocked.Add(ref _wholeAt, 0 - owed);
            return;
        }
        Volatile.Write(ref _freeUntil, now + AnsweredFor);
        Volatile.Write(ref _wholeAt, 0);
    }

    /// <summary>A tunnel counts on it from now on; only where it is looked up, so that none is held that is forgotten.</summary>
    internal void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>A tunnel is answered, or over.</summary>
    internal void LetGo() => Interlocked.Decrement(ref _holders);

    /// <summary>Whether nothing is held against it.</summary>
    internal bool IsWhole(ulong now) => Volatile.Read(ref _wholeAt) <= now;

    /// <summary>What a datagram takes, in nanoseconds.</summary>
    internal ulong CostOf(int length) => (ulong)Math.Max(length, Unit) * limit.Interval / Unit;
}
