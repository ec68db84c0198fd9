namespace Relay.Fleet.Contract;

/// <summary>Sums of numbers that others have said.</summary>
internal static class Sums
{
    /// <summary>The sum of what is not negative; the largest number where it would be larger.</summary>
    internal static long SaturatingSum<T>(this IEnumerable<T> items, Func<T, long> numberOf) => items.Aggregate(
        0L, (sum, item) => Saturating(sum, numberOf(item)));

    /// <summary>The sum of two that are not negative; the largest number where it would be larger.</summary>
    internal static long Saturating(long left, long right) => right > long.MaxValue - left ? long.MaxValue : left + right;
}
