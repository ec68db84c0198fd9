using Relay.Fleet.Contract;

namespace Relay.Node.Counters;

/// <summary>
/// How often which durations were seen, in the buckets of the fleet's distributions. Written by one loop.
/// </summary>
internal sealed class DurationCounts
{
    /// <summary>By <see cref="Distribution.BucketOf"/>.</summary>
    public readonly long[] Counts = new long[Distribution.BucketCount];

    /// <summary>Notes a duration.</summary>
    public void Record(ulong nanoseconds) => Counts[Distribution.BucketOf(nanoseconds / 1e9)]++;

    /// <summary>Adds another loop's.</summary>
    public void Add(DurationCounts other) => LoopCounters.Add(Counts, other.Counts);

    /// <summary>What came since an earlier reading of the same.</summary>
    public Distribution Since(DurationCounts? earlier)
    {
        var counts = (long[])Counts.Clone();
        for (var i = 0; earlier is not null && i < counts.Length; i++)
            counts[i] -= earlier.Counts[i];
        var length = Array.FindLastIndex(counts, static count => count > 0) + 1;
        return length == 0 ? Distribution.Empty : new Distribution(counts[..length]);
    }
}
