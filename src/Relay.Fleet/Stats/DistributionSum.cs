using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>As <see cref="TotalsSum"/>, of samples.</summary>
internal sealed class DistributionSum
{
    private long[] _counts = [];

    /// <summary>Adds to it.</summary>
    public void Add(Distribution more)
    {
        var count = Math.Min(more.Counts.Count, Distribution.BucketCount);
        if (count > _counts.Length)
            Array.Resize(ref _counts, count);
        for (var i = 0; i < count; i++)
            _counts[i] = Sums.Saturating(_counts[i], more.Counts[i]);
    }

    /// <summary>There are none.</summary>
    public void Clear() => _counts = [];

    /// <summary>The sum.</summary>
    public Distribution ToDistribution() => new([.. _counts]);
}
