namespace Relay.Fleet.Contract;

/// <summary>
/// How often which durations were seen: counts in buckets that are the same everywhere, so that distributions merge by
/// addition. Bucket <c>i</c> holds what is at most <see cref="UpperBound"/>(i).
/// </summary>
/// <param name="Counts">The buckets up to the last that is not zero; at most <see cref="BucketCount"/>.</param>
public sealed record Distribution(IReadOnlyList<long> Counts)
{
    /// <summary>Four buckets for each doubling, from 50 µs to about 55 minutes.</summary>
    public const int BucketCount = 104;

    private const double First = 50e-6;

    /// <summary>Nothing seen.</summary>
    public static Distribution Empty { get; } = new([]);

    /// <summary>How many were seen.</summary>
    public long Count
    {
        get
        {
            var sum = 0L;
            for (var i = 0; i < Counts.Count; i++)
                sum = Sums.Saturating(sum, Counts[i]);
            return sum;
        }
    }

    /// <summary>The largest duration of a bucket, in seconds.</summary>
    public static double UpperBound(int bucket) => First * Math.Pow(2, bucket / 4.0);

    /// <summary>The bucket of a duration in seconds.</summary>
    public static int BucketOf(double seconds) =>
        seconds <= First ? 0 : Math.Min(BucketCount - 1, (int)Math.Ceiling(4 * Math.Log2(seconds / First)));

    /// <summary>The sum of two.</summary>
    public static Distribution operator +(Distribution left, Distribution right)
    {
        if (left.Counts.Count == 0 || right.Counts.Count == 0)
            return left.Counts.Count == 0 ? right : left;
        var sum = new long[Math.Min(BucketCount, Math.Max(left.Counts.Count, right.Counts.Count))];
        for (var i = 0; i < sum.Length; i++)
            sum[i] = Sums.Saturating(i < left.Counts.Count ? left.Counts[i] : 0, i < right.Counts.Count ? right.Counts[i] : 0);
        return new Distribution(sum);
    }

    /// <summary>The same with no bucket above a count.</summary>
    internal Distribution AtMost(long count) =>
        HasMore(count) ? new Distribution([.. Counts.Select(seen => Math.Min(seen, count))]) : this;

    private bool HasMore(long count)
    {
        for (var i = 0; i < Counts.Count; i++)
        {
            if (Counts[i] > count)
                return true;
        }
        return false;
    }

    /// <summary>The usual percentiles.</summary>
    public Percentiles ToPercentiles() =>
        new() { Count = Count, P50 = Percentile(0.5), P90 = Percentile(0.9), P99 = Percentile(0.99) };

    /// <summary>The bound that a part of what was seen does not exceed, in seconds; 0 when nothing was seen.</summary>
    /// <param name="part">0 to 1.</param>
    public double Percentile(double part)
    {
        var wanted = (long)Math.Ceiling(part * Count);
        long seen = 0;
        for (var i = 0; i < Counts.Count; i++)
        {
            seen = Sums.Saturating(seen, Counts[i]);
            if (seen >= wanted && seen > 0)
                return UpperBound(i);
        }
        return 0;
    }
}

/// <summary>What most durations do not exceed, in seconds; within a fifth.</summary>
public sealed record Percentiles
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly Percentiles None = new();

    /// <summary>How many were seen.</summary>
    public long Count { get; init; }

    /// <summary>Half of them.</summary>
    public double P50 { get; init; }

    /// <summary>Nine of ten.</summary>
    public double P90 { get; init; }

    /// <summary>Ninety-nine of a hundred.</summary>
    public double P99 { get; init; }
}
