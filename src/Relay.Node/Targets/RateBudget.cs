namespace Relay.Node.Targets;

/// <summary>How often something may happen.</summary>
/// <param name="Burst">At once.</param>
/// <param name="PerSecond">In the long run.</param>
internal readonly record struct RateLimit(int Burst, int PerSecond)
{
    /// <summary>Nanoseconds after which one of the burst has come back.</summary>
    internal ulong Interval => 1_000_000_000UL / (ulong)PerSecond;
}

/// <summary>What of a <see cref="RateLimit"/> is used up; one number: the time at which nothing will be.</summary>
internal struct RateBudget
{
    private ulong _whole;

    /// <summary>Nanoseconds until one may happen; 0 for at once.</summary>
    internal readonly ulong WaitFor(in RateLimit limit, ulong now)
    {
        var room = now + ((ulong)(limit.Burst - 1) * limit.Interval);
        return _whole <= room ? 0 : _whole - room;
    }

    /// <summary>One happened. What happens beyond the limit is not held against the future.</summary>
    internal void Spend(in RateLimit limit, ulong now) =>
        _whole = Math.Min(Math.Max(_whole, now), now + ((ulong)(limit.Burst - 1) * limit.Interval)) + limit.Interval;

    /// <summary>Whether all of it is there.</summary>
    internal readonly bool IsWhole(ulong now) => _whole <= now;
}
