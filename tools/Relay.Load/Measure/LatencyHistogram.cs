using System.Numerics;

namespace Relay.Load.Measure;

/// <summary>
/// Counts durations in buckets that widen with the duration: each power of two is cut into 64, so that a percentile is
/// off by less than 1.6 %.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubCount = 1 << SubBits;

    private readonly long[] _buckets = new long[(64 - SubBits + 1) * SubCount];
    private double _sum;

    public long Count { get; private set; }

    public ulong Minimum { get; private set; } = ulong.MaxValue;

    public ulong Maximum { get; private set; }

    public double Mean => Count == 0 ? 0 : _sum / Count;

    public void Add(ulong value)
    {
        _buckets[IndexOf(value)]++;
        Count++;
        _sum += value;
        if (value < Minimum)
            Minimum = value;
        if (value > Maximum)
            Maximum = value;
    }

    /// <summary>The upper bound of the bucket below which the fraction of all values lies; 0 without values.</summary>
    /// <param name="fraction">Such as 0.99.</param>
    public ulong Percentile(double fraction)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long seen = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= rank && seen > 0)
                return Math.Min(UpperBound(i), Maximum);
        }
        return 0;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
        _sum = 0;
        Minimum = ulong.MaxValue;
        Maximum = 0;
    }

    internal static int IndexOf(ulong value)
    {
        if (value < SubCount)
            return (int)value;
        var exponent = BitOperations.Log2(value) - SubBits;
        return (exponent * SubCount) + (int)(value >> exponent);
    }

    internal static ulong UpperBound(int index)
    {
        if (index < SubCount)
            return (ulong)index;
        var exponent = (index / SubCount) - 1;
        var top = (ulong)((index % SubCount) + SubCount);
        return ((top + 1) << exponent) - 1;
    }
}
