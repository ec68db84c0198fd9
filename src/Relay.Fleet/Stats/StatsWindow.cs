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
    private NodeLoad _load = new();

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
        history.Add(increase.Totals, now);
        Open(history, open);
        var step = StepAt(now);
        step.Totals += increase.Totals;
        step.Rtt += increase.Rtt;
        step.TunnelSetup += increase.TunnelSetup;
        step.Load = _load;
    }

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    public void Close(string node, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(node, out var history))
            return;
        Open(history, new NodeLoad());
        StepAt(now).Load = _load;
        if (history.LastAt < now - TimeSpan.FromSeconds(MaxSeconds))
            _nodes.Remove(node);
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
            Steps = [.. within.Select(step => new StatsStep(step.Number, step.Value.Totals, step.Value.Load))],
            Rtt = within.Aggregate(Distribution.Empty, static (sum, step) => sum + step.Value.Rtt),
            TunnelSetup = within.Aggregate(Distribution.Empty, static (sum, step) => sum + step.Value.TunnelSetup),
            NodesFrom = Later(NodeHistory.StartOf(begin, isFine), _startedAt),
            Nodes = [.. _nodes.Select(node => new NodePart(node.Key, node.Value.Since(begin, isFine)))],
        };
    }

    private void Open(NodeHistory history, NodeLoad open)
    {
        _load = new NodeLoad
        {
            Connections = _load.Connections - history.Load.Connections + open.Connections,
            Sessions = _load.Sessions - history.Load.Sessions + open.Sessions,
            TcpTunnels = _load.TcpTunnels - history.Load.TcpTunnels + open.TcpTunnels,
            UdpTunnels = _load.UdpTunnels - history.Load.UdpTunnels + open.UdpTunnels,
        };
        history.Load = open;
    }

    private Step StepAt(DateTimeOffset now) => _steps[_steps.NumberOf(now)] ??= new Step { Load = _load };

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private sealed class Step
    {
        public NodeTotals Totals { get; set; } = new();
        public Distribution Rtt { get; set; } = Distribution.Empty;
        public Distribution TunnelSetup { get; set; } = Distribution.Empty;
        public NodeLoad Load { get; set; } = new();
    }

    private sealed class NodeHistory
    {
        private readonly StepRing<NodeTotals> _fine = new(StepSeconds, NodeFineSeconds / StepSeconds + 2);
        private readonly StepRing<NodeTotals> _coarse = new(NodeCoarseStep, MaxSeconds / NodeCoarseStep + 2);

        public NodeLoad Load { get; set; } = new();

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
            return ring.From(ring.NumberOf(begin)).Aggregate(new NodeTotals(), static (sum, step) => sum + step.Value);
        }

        private static void Add(StepRing<NodeTotals> ring, NodeTotals increase, DateTimeOffset now)
        {
            var number = ring.NumberOf(now);
            ring[number] = ring[number] is { } before ? before + increase : increase;
        }
    }
}
