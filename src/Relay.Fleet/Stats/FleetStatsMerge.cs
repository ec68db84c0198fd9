using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>The last stage of a fleet's statistics: the slices of its parts become one answer.</summary>
public static class FleetStatsMerge
{
    private const int MaxPoints = 360;

    /// <summary>The answer that slices of the same window make together.</summary>
    /// <param name="slices">At least one; each with other nodes.</param>
    public static FleetStats Merge(IReadOnlyCollection<StatsSlice> slices)
    {
        var from = slices.Min(slice => slice.From);
        var to = slices.Max(slice => slice.To);
        var window = slices.First().WindowSeconds;
        var steps = slices.SelectMany(slice => slice.Steps).GroupBy(step => step.Number).OrderBy(group => group.Key)
            .Select(group => group.Aggregate(static (sum, step) =>
                new StatsStep(sum.Number, sum.Totals + step.Totals, sum.Load + step.Load)))
            .ToArray();
        var totals = steps.Aggregate(new NodeTotals(), static (sum, step) => sum + step.Totals);
        var nodesFrom = slices.Min(slice => slice.NodesFrom);
        return new FleetStats
        {
            WindowSeconds = Math.Min(window, (int)Math.Ceiling(Math.Max(0, (to - from).TotalSeconds))),
            Totals = totals,
            Rates = NodeRates.Of(totals, to - from),
            Rtt = slices.Aggregate(Distribution.Empty, static (sum, slice) => sum + slice.Rtt).ToPercentiles(),
            TunnelSetup = slices.Aggregate(Distribution.Empty, static (sum, slice) => sum + slice.TunnelSetup)
                .ToPercentiles(),
            Series = [.. steps.TakeLast(MaxPoints).Select(step => PointOf(step, from, to))],
            Nodes = [.. slices.SelectMany(slice => slice.Nodes).GroupBy(part => part.Node)
                .Select(group => (Node: group.Key,
                    Totals: group.Aggregate(new NodeTotals(), static (sum, part) => sum + part.Totals)))
                .OrderBy(part => part.Node, StringComparer.Ordinal)
                .Select(part => new NodeStats(part.Node, part.Totals, NodeRates.Of(part.Totals, to - nodesFrom)))],
        };
    }

    // The first step may have begun before there was history, and the last has not ended.
    private static StatsPoint PointOf(StatsStep step, DateTimeOffset from, DateTimeOffset to)
    {
        var begin = DateTimeOffset.FromUnixTimeSeconds(step.Number * StatsWindow.StepSeconds);
        var end = begin.AddSeconds(StatsWindow.StepSeconds);
        begin = begin < from ? from : begin;
        end = end > to ? to : end;
        return new StatsPoint(end, NodeRates.Of(step.Totals, end - begin), step.Load);
    }
}
