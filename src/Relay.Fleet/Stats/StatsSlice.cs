using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>
/// What came within a window at some of the nodes: merges with that of the others by addition, step by step.
/// </summary>
public sealed record StatsSlice
{
    /// <summary>The window that was asked for, in seconds.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>From when there is history within the window.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The end of the window.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The steps that have anything, oldest first.</summary>
    public IReadOnlyList<StatsStep> Steps { get; init; } = [];

    /// <summary>Round trips.</summary>
    public Distribution Rtt { get; init; } = Distribution.Empty;

    /// <summary>Times from request to answer.</summary>
    public Distribution TunnelSetup { get; init; } = Distribution.Empty;

    /// <summary>From when what <see cref="Nodes"/> has was counted: in long windows their steps are longer.</summary>
    public DateTimeOffset NodesFrom { get; init; }

    /// <summary>Each node's part.</summary>
    public IReadOnlyList<NodePart> Nodes { get; init; } = [];
}

/// <summary>One step of time at some of the nodes.</summary>
/// <param name="Number">Its number: seconds since 1970 by <see cref="StatsWindow.StepSeconds"/>.</param>
/// <param name="Totals">What came.</param>
/// <param name="Load">What was open at its end.</param>
public sealed record StatsStep(long Number, NodeTotals Totals, NodeLoad Load);

/// <summary>What came at one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Totals">What came.</param>
public sealed record NodePart(string Node, NodeTotals Totals);
