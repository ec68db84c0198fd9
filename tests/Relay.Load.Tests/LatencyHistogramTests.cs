using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class LatencyHistogramTests
{
    [Fact]
    public void Index_EveryValue_LiesBelowItsBucketsBoundAndAboveTheLast()
    {
        var random = new Random(7);
        for (var round = 0; round < 100_000; round++)
        {
            var value = (ulong)random.NextInt64() >> random.Next(64);
            var index = LatencyHistogram.IndexOf(value);
            Assert.True(value <= LatencyHistogram.UpperBound(index));
            Assert.True(index == 0 || value > LatencyHistogram.UpperBound(index - 1));
        }
        _ = LatencyHistogram.UpperBound(LatencyHistogram.IndexOf(ulong.MaxValue));
    }

    [Fact]
    public void Percentile_OfUniformValues_IsWithinABucket()
    {
        var histogram = new LatencyHistogram();
        for (ulong value = 1; value <= 100_000; value++)
            histogram.Add(value);
        foreach (var fraction in new[] { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999 })
        {
            var exact = fraction * 100_000;
            Assert.InRange(histogram.Percentile(fraction), exact, (exact * 1.016) + 1);
        }
        Assert.Equal(100_000UL, histogram.Percentile(1));
        Assert.Equal(100_000UL, histogram.Maximum);
        Assert.Equal(1UL, histogram.Minimum);
        Assert.Equal(50_000.5, histogram.Mean, 3);
    }

    [Fact]
    public void Percentile_OfOneValue_IsThatValue()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(123_457);
        Assert.Equal(123_457UL, histogram.Percentile(0.5));
        Assert.Equal(123_457UL, histogram.Percentile(0));
    }

    [Fact]
    public void Percentile_WithoutValues_IsZero()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(5);
        histogram.Clear();
        Assert.Equal(0UL, histogram.Percentile(0.99));
        Assert.Equal(0, histogram.Count);
    }
}
