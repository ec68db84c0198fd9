namespace Relay.Fleet.Nodes;

/// <summary>What has to outlive a <see cref="NodeTracker"/>; the rest comes with the node's next report.</summary>
public sealed record NodeTrackerState
{
    /// <summary>The run of the process that speaks for the node; empty before its first report.</summary>
    public Guid Incarnation { get; init; }

    /// <summary>The last report's number.</summary>
    public long Sequence { get; init; }

    /// <summary>Whether that process has left in order.</summary>
    public bool HasLeft { get; init; }

    /// <summary>Runs that have left, oldest first; at most 16.</summary>
    public IReadOnlyList<Guid> Superseded { get; init; } = [];

    /// <summary>Runs that another one took the name from, oldest first; at most 16.</summary>
    public IReadOnlyList<FormerProcess> Former { get; init; } = [];

    /// <summary>Sessions that were ordered to end and have not yet ended.</summary>
    public IReadOnlyList<string> EndSessions { get; init; } = [];
}

/// <summary>A process that another one took the node's name from.</summary>
/// <param name="Incarnation">Its run.</param>
/// <param name="Sequence">The number of its last report: what is later shows that it lives.</param>
public sealed record FormerProcess(Guid Incarnation, long Sequence);
