using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Stats;

namespace Relay.Fleet.Tests.Stats;

public class StatsWindowTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 3, TimeSpan.Zero);

    [Fact]
    public void Merge_OfPartsOverStages_IsWhatOneWindowWouldSay()
    {
        var whole = new StatsWindow(Begin);
        StatsWindow[] parts = [new(Begin), new(Begin), new(Begin)];
        var random = new Random(5);
        var now = Begin;
        for (var second = 0; second < 500; second++)
        {
            now += TimeSpan.FromSeconds(1);
            var node = random.Next(9);
            var counts = new long[random.Next(1, 40)];
            counts[^1] = random.Next(5);
            var increase = new StatsIncrease(
                new NodeTotals { UpstreamBytes = random.Next(1000), TcpTunnels = random.Next(3) },
                new Distribution(counts), Distribution.Empty);
            var load = new NodeLoad { Sessions = random.Next(10) };
            whole.Add($"n{node}", increase, load, now);
            parts[node % 3].Add($"n{node}", increase, load, now);
        }

        foreach (var window in (int[])[10, 60, 120, 400, 3600])
        {
            var expected = FleetStatsMerge.Merge([whole.Read(window, now)]);
            var slices = parts.Select(part => JsonSerializer.Deserialize(
                JsonSerializer.Serialize(part.Read(window, now), FleetJson.Of<StatsSlice>()),
                FleetJson.Of<StatsSlice>())!);
            var merged = FleetStatsMerge.Merge([.. slices]);
            Assert.Equal(expected.Totals, merged.Totals);
            Assert.Equal(expected.Rates, merged.Rates);
            Assert.Equal(expected.Rtt, merged.Rtt);
            Assert.Equal(expected.WindowSeconds, merged.WindowSeconds);
            Assert.Equal(expected.Nodes, merged.Nodes);
            Assert.Equal(expected.Series.Select(point => (point.At, point.Rates)),
                merged.Series.Select(point => (point.At, point.Rates)));
        }
    }

    [Fact]
    public void Remove_OfANode_LeavesWhatTheOthersAloneWouldSay()
    {
        var (all, honest) = (new StatsWindow(Begin), new StatsWindow(Begin));
        var random = new Random(6);
        var now = Begin;
        for (var second = 0; second < 1500; second++)
        {
            now += TimeSpan.FromSeconds(1);
            var load = new NodeLoad { Sessions = random.Next(10) };
            var increase = StatsIncrease.None with { Totals = new NodeTotals { UpstreamBytes = random.Next(1000) } };
            all.Add("a", increase, load, now);
            honest.Add("a", increase, load, now);
            // So much that sums with it say nothing of the others.
            all.Add("liar", new StatsIncrease(new NodeTotals { UpstreamBytes = long.MaxValue }, new Distribution([1L << 50]), Distribution.Empty),
                new NodeLoad { Sessions = 1 << 20 }, now);
        }

        all.Remove("liar", now);

        foreach (var window in (int[])[10, 60, 120, 3600])
        {
            var (left, right) = (FleetStatsMerge.Merge([all.Read(window, now)]), FleetStatsMerge.Merge([honest.Read(window, now)]));
            Assert.Equal(right.Totals, left.Totals);
            Assert.Equal(right.Nodes, left.Nodes);
            Assert.Equal(0, left.Rtt.Count);
            Assert.All(left.Series, static point => Assert.True(point.Load.Sessions < 10 && point.Rates.UpstreamBytes < 1000));
        }
        Assert.Equal(FleetStatsMerge.Merge([honest.Read(60, now)]).Series, FleetStatsMerge.Merge([all.Read(60, now)]).Series);
    }

    [Fact]
    public void Read_OfALongHistory_IsBoundedToAnHour()
    {
        var window = new StatsWindow(Begin);
        var now = Begin;
        for (var step = 0; step < 800; step++)
        {
            now += TimeSpan.FromSeconds(10);
            window.Add("a", new StatsIncrease(
                new NodeTotals { UpstreamBytes = 10 }, Distribution.Empty, Distribution.Empty), new(), now);
        }

        var stats = FleetStatsMerge.Merge([window.Read(100_000, now)]);

        Assert.Equal((3600, 360), (stats.WindowSeconds, stats.Series.Count));
        Assert.InRange(stats.Totals.UpstreamBytes, 3600, 3610);
        Assert.InRange(stats.Rates.UpstreamBytes, 0.99, 1.01);
        Assert.InRange(stats.Nodes.Single().Rates.UpstreamBytes, 0.97, 1.03);
        Assert.Equal(stats.Series.Select(point => point.At).Order(), stats.Series.Select(point => point.At));
    }

    /// <summary>Nor keeps one of the report: what lives for some seconds is what a collector has most work with.</summary>
    [Fact]
    public void Add_WithinAStep_MakesNoObject()
    {
        var window = new StatsWindow(Begin);
        var load = new NodeLoad { Sessions = 3, Loops = [new LoopLoad()] };
        window.Add("a", StatsIncrease.None, load, Begin);

        Assert.Equal(0, Relay.Testing.Allocations.Of(() =>
        {
            for (var i = 0; i < 1000; i++)
                window.Add("a", StatsIncrease.None, load, Begin);
        }));
    }

    [Fact]
    public void Close_OfANode_TakesItsLoadAway()
    {
        var window = new StatsWindow(Begin);
        window.Add("a", StatsIncrease.None, new NodeLoad { Sessions = 3 }, Begin);
        window.Add("b", StatsIncrease.None, new NodeLoad { Sessions = 4 }, Begin);

        window.Close("a", Begin + TimeSpan.FromSeconds(20));

        var series = FleetStatsMerge.Merge([window.Read(60, Begin + TimeSpan.FromSeconds(20))]).Series;
        Assert.Equal([7, 4], series.Select(point => point.Load.Sessions));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(50e-6, 0)]
    [InlineData(51e-6, 1)]
    [InlineData(1e9, Distribution.BucketCount - 1)]
    public void BucketOf_ADuration_HoldsIt(double seconds, int bucket) =>
        Assert.Equal(bucket, Distribution.BucketOf(seconds));
}
