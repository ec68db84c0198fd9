using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>
/// An hour of what some nodes carried, in steps of ten seconds; of each node alone in steps of a minute where the
/// window is longer than two. The stages of a fleet's statistics: a node's increase is added to the window that has its
/// part of the fleet, and for an answer the windows' slices are merged (<see cref="FleetStatsMerge"/>).
/// </summary>
public sealed class StatsWindow
{
    private const int NodeFineSeconds = 120;
    private const int NodeCoarseStep = 60;

    private readonly StepRing<Step> _steps = new(StepSeconds, MaxSeconds / StepSeconds + 2);
    private readonly SortedDictionary<string, NodeHistory> _nodes = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _startedAt;
    private LoadSum _load;

    /// <summary>A step, in seconds.</summary>
    public const int StepSeconds = 10;

    /// <summary>The shortest window, in seconds.</summary>
    public const int MinSeconds = 10;

    /// <summary>The longest window, in seconds.</summary>
    public const int MaxSeconds = 3600;

    /// <summary>A window without history.</summary>
    public StatsWindow(DateTimeOffset now) => _startedAt = now;

    /// <summary>Adds what came at a node, and what is open there.</summary>
    public void Add(string node, StatsIncrease increase, NodeLoad open, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(node, out var history))
            _nodes.Add(node, history = new NodeHistory());
        Open(history, LoadSum.Of(open));
        history.Add(increase.Totals, now);
        var step = StepAt(now);
        step.Totals.Add(increase.Totals);
        step.Rtt.Add(increase.Rtt);
        step.TunnelSetup.Add(increase.TunnelSetup);
        step.Load = _load;
    }

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    public void Close(string node, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(node, out var history))
            return;
        Open(history, default);
        StepAt(now).Load = _load;
        if (history.LastAt < now - TimeSpan.FromSeconds(MaxSeconds))
            _nodes.Remove(node);
    }

    /// <summary>
    /// Nothing that a node said counts any more: sums are made anew of what the others carried, in steps of a minute where they are
    /// older than two. Samples of times are kept of no single node: those of before are dropped, of all.
    /// </summary>
    public void Remove(string node, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(node, out var history))
            return;
        Open(history, default);
        _nodes.Remove(node);
        foreach (var minute in _steps.From(0).GroupBy(static step => step.Number * StepSeconds / NodeCoarseStep).ToArray())
        {
            var steps = minute.ToArray();
            var isFine = now - _steps.StartOf(steps[0].Number) <= TimeSpan.FromSeconds(NodeFineSeconds);
            foreach (var (i, (number, step)) in steps.Index())
            {
                var parts = _nodes.Values.Select(other => other.At(_steps.StartOf(number), isFine)).OfType<Part>().ToArray();
                var totals = SumOf(parts);
                step.Totals = new TotalsSum();
                step.Totals.Add(isFine ? totals : totals.PartOf(i, steps.Length));
                step.Load = parts.Aggregate(default(LoadSum), static (sum, part) => sum + part.Load);
                step.Rtt.Clear();
                step.TunnelSetup.Clear();
            }
        }
        StepAt(now).Load = _load;
    }

    /// <summary>What came within the last seconds, to the beginning of a step before them.</summary>
    /// <param name="windowSeconds">
    /// <see cref="MinSeconds"/> to <see cref="MaxSeconds"/>; what is outside is taken for the nearest.
    /// </param>
    /// <param name="now">The end of the window.</param>
    public StatsSlice Read(int windowSeconds, DateTimeOffset now)
    {
        windowSeconds = Math.Clamp(windowSeconds, MinSeconds, MaxSeconds);
        var begin = now - TimeSpan.FromSeconds(windowSeconds);
        var first = _steps.NumberOf(begin);
        var within = _steps.From(first).Where(step => step.Number <= _steps.NumberOf(now)).ToArray();
        var isFine = windowSeconds <= NodeFineSeconds;
        var forgotten = now - TimeSpan.FromSeconds(MaxSeconds);
        foreach (var gone in _nodes.Where(node => node.Value.LastAt < forgotten).Select(node => node.Key).ToArray())
            _nodes.Remove(gone);
        return new StatsSlice
        {
            WindowSeconds = windowSeconds,
            From = Later(_steps.StartOf(first), _startedAt),
            To = now,
            Steps = [.. within.Select(step => new StatsStep(step.Number, step.Value.Totals.ToTotals(), step.Value.Load.ToLoad()))],
            Rtt = within.Aggregate(Distribution.Empty, static (sum, step) => sum + step.Value.Rtt.ToDistribution()),
            TunnelSetup = within.Aggregate(Distribution.Empty, static (sum, step) => sum + step.Value.TunnelSetup.ToDistribution()),
            NodesFrom = Later(NodeHistory.StartOf(begin, isFine), _startedAt),
            Nodes = [.. _nodes.Select(node => new NodePart(node.Key, node.Value.Since(begin, isFine)))],
        };
    }

    private void Open(NodeHistory history, LoadSum open)
    {
        _load = _load - history.Load + open;
        history.Load = open;
    }

    private Step StepAt(DateTimeOffset now) => _steps[_steps.NumberOf(now)] ??= new Step { Load = _load };

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private static NodeTotals SumOf(IEnumerable<Part> parts)
    {
        var sum = new TotalsSum();
        foreach (var part in parts)
            sum.Add(part.Totals);
        return sum.ToTotals();
    }

    // What came in a step at a node, or at all, and what was open at its end.
    private class Part
    {
        public TotalsSum Totals;
        public LoadSum Load;
    }

    private sealed class Step : Part
    {
        public readonly DistributionSum Rtt = new();
        public readonly DistributionSum TunnelSetup = new();
    }

    private sealed class NodeHistory
    {
        private readonly StepRing<Part> _fine = new(StepSeconds, NodeFineSeconds / StepSeconds + 2);
        private readonly StepRing<Part> _coarse = new(NodeCoarseStep, MaxSeconds / NodeCoarseStep + 2);

        public LoadSum Load { get; set; }

        public DateTimeOffset LastAt { get; private set; }

        public static DateTimeOffset StartOf(DateTimeOffset at, bool isFine)
        {
            var seconds = isFine ? StepSeconds : NodeCoarseStep;
            return DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / seconds * seconds);
        }

        public void Add(NodeTotals increase, DateTimeOffset now)
        {
            LastAt = now;
            Add(_fine, increase, now);
            Add(_coarse, increase, now);
        }

        public NodeTotals Since(DateTimeOffset begin, bool isFine)
        {
            var ring = isFine ? _fine : _coarse;
            return SumOf(ring.From(ring.NumberOf(begin)).Select(static step => step.Value));
        }

        // The step that a time is in; null where nothing came in it.
        public Part? At(DateTimeOffset at, bool isFine)
        {
            var ring = isFine ? _fine : _coarse;
            return ring[ring.NumberOf(at)];
        }

        private void Add(StepRing<Part> ring, NodeTotals increase, DateTimeOffset now)
        {
            var part = ring[ring.NumberOf(now)] ??= new Part();
            part.Totals.Add(increase);
            part.Load = Load;
        }
    }
}
