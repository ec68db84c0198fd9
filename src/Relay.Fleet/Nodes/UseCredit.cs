namespace Relay.Fleet.Nodes;

/// <summary>
/// What may have been used at a rate in the time that has passed, less what was: kept as the time up to which all is used, so that it
/// holds whatever the rate becomes. Of more than an hour nothing is kept.
/// </summary>
/// <param name="UsedUpTo">The time that has passed and was used, by the clock that the callers share.</param>
internal readonly record struct UseCredit(TimeSpan UsedUpTo)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>What there is now.</summary>
    /// <param name="rate">In a second; not negative.</param>
    /// <param name="now">The time that has passed.</param>
    internal long Left(long rate, TimeSpan now) =>
        (long)Int128.Min(long.MaxValue, (Int128)rate * Math.Max(0, (now - From(now)).Ticks) / TimeSpan.TicksPerSecond);

    /// <summary>What is left once some of it was used, no more than there is.</summary>
    internal UseCredit Less(long used, long rate, TimeSpan now) => used == 0 ? this : new(
        From(now) + TimeSpan.FromTicks((long)((((Int128)used * TimeSpan.TicksPerSecond) + rate - 1) / rate)));

    private TimeSpan From(TimeSpan now) => UsedUpTo > now - Longest ? UsedUpTo : now - Longest;
}
