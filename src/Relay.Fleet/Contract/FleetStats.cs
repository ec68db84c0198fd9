namespace Relay.Fleet.Contract;

/// <summary>What the fleet carried within a window.</summary>
public sealed record FleetStats
{
    /// <summary>The window, in seconds, as far as there is history.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>What came within the window.</summary>
    public NodeTotals Totals { get; init; } = new();

    /// <summary>The mean of a second.</summary>
    public NodeRates Rates { get; init; } = new();

    /// <summary>Round trips to clients.</summary>
    public Percentiles Rtt { get; init; } = new();

    /// <summary>From a tunnel's request to its answer.</summary>
    public Percentiles TunnelSetup { get; init; } = new();

    /// <summary>How it went, oldest first; at most 360 points.</summary>
    public IReadOnlyList<StatsPoint> Series { get; init; } = [];

    /// <summary>Each node's part, by name.</summary>
    public IReadOnlyList<NodeStats> Nodes { get; init; } = [];
}

/// <summary>The fleet over one step of a window.</summary>
/// <param name="At">The end of the step.</param>
/// <param name="Rates">The mean of a second within it.</param>
/// <param name="Load">What was open at its end.</param>
public sealed record StatsPoint(DateTimeOffset At, NodeRates Rates, NodeLoad Load);

/// <summary>One node's part of the fleet's statistics.</summary>
/// <param name="Node">The node.</param>
/// <param name="Totals">What came within the window.</param>
/// <param name="Rates">The mean of a second.</param>
public sealed record NodeStats(string Node, NodeTotals Totals, NodeRates Rates);

/// <summary>The fleet at a glance.</summary>
public sealed record FleetOverview
{
    /// <summary>Who coordinates: <c>local</c> (one process, no high availability) or <c>orleans</c>.</summary>
    public required string Coordination { get; init; }

    /// <summary>The cluster's name.</summary>
    public string ClusterId { get; init; } = "";

    /// <summary>
    /// Names what the coordinators remember (pools, limits, drains); another one when that has begun anew, since it or a
    /// part of it was lost, or is kept in the memory of a process.
    /// </summary>
    public string Generation { get; init; } = "";

    /// <summary>How many nodes are in each state; states without a node are absent.</summary>
    public IReadOnlyDictionary<NodeState, int> Nodes { get; init; } = None;

    private static readonly Dictionary<NodeState, int> None = [];

    /// <summary>The coordinators that are active.</summary>
    public int Coordinators { get; init; } = 1;

    /// <summary>What is open now.</summary>
    public NodeLoad Load { get; init; } = new();

    /// <summary>What is carried a second, over the last few reports.</summary>
    public NodeRates Rates { get; init; } = new();

    /// <summary>Drains that run.</summary>
    public int DrainsRunning { get; init; }

    /// <summary>Those of them in which a node waits whose turn does not come yet.</summary>
    public int DrainsHeldUp { get; init; }

    /// <summary>Drains that have drained all there was, and whose nodes have not all come back to serve.</summary>
    public int DrainsToReturn { get; init; }

    /// <summary>
    /// For how many seconds the one of those that run which has stood still longest has brought no node a step on; 0 where none runs.
    /// </summary>
    public int DrainStillSeconds { get; init; }

    /// <summary>
    /// How many seconds ago the node reported that has not for longest, of those that are not silent; null where there is none.
    /// </summary>
    public int? OldestReportSeconds { get; init; }

    /// <summary>What an operator should know, one sentence each.</summary>
    public IReadOnlyList<FleetWarning> Warnings { get; init; } = [];
}

/// <summary>Something that an operator should know.</summary>
/// <param name="Kind">
/// Stable and short: <c>open-relay</c>, <c>no-persistence</c>, <c>node-silent</c>, <c>pool-exhausted</c> …
/// </param>
/// <param name="Text">One sentence.</param>
/// <param name="Node">The node it is about, if it is about one.</param>
public sealed record FleetWarning(string Kind, string Text, string? Node = null);
