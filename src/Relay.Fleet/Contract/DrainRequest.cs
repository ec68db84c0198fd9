namespace Relay.Fleet.Contract;

/// <summary>What an operator asks for.</summary>
public sealed record DrainRequest
{
    /// <summary>
    /// Names the operation, made by whoever asks: the same one again gives the operation that there is.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>The nodes; null when <see cref="Selector"/> chooses them.</summary>
    public IReadOnlyList<string>? Nodes { get; init; }

    /// <summary>Chooses the nodes at the time of asking; null when <see cref="Nodes"/> names them.</summary>
    public NodeSelector? Selector { get; init; }

    /// <summary>How many nodes may be out of service at a time; of the whole fleet, whatever else drains.</summary>
    public DrainBudget MaxConcurrent { get; init; } = DrainBudget.Nodes(1);

    /// <summary>How long each node's open tunnels may run, 0 to 86 400 seconds.</summary>
    public int DeadlineSeconds { get; init; } = 300;

    /// <summary>How.</summary>
    public DrainMode Mode { get; init; }

    /// <summary>Why; at most 256 characters.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>Chooses nodes: those that fit everything it names; one that names nothing chooses all.</summary>
public sealed record NodeSelector
{
    /// <summary>The version that they run.</summary>
    public string? Version { get; init; }

    /// <summary>How their names begin.</summary>
    public string? NamePrefix { get; init; }

    /// <summary>Whether it chooses a node.</summary>
    public bool Matches(NodeInfo node) =>
        (Version is null || node.Version == Version)
        && (NamePrefix is null || node.Id.StartsWith(NamePrefix, StringComparison.Ordinal));
}
