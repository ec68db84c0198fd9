namespace Relay.Fleet.Usage;

/// <summary>What users have used in a month: what has to outlive a <see cref="UsageBook"/>, a record each month.</summary>
public sealed record UsageMonth
{
    /// <summary>The month, as in <c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>Rises with every change, in one process.</summary>
    public long Revision { get; init; }

    /// <summary>The users, each once.</summary>
    public IReadOnlyList<UsedMonth> Users { get; init; } = [];

    /// <summary>How far nodes were heard with this; that of the latest month counts.</summary>
    public IReadOnlyList<HeardUse> Nodes { get; init; } = [];
}

/// <summary>What a user has used in a month.</summary>
/// <param name="Name">The user.</param>
/// <param name="Up">Bytes toward targets.</param>
/// <param name="Down">Bytes toward clients.</param>
/// <param name="Tunnels">Tunnels.</param>
/// <param name="Seen">When last, in seconds of Unix time.</param>
public sealed record UsedMonth(string Name, long Up, long Down, long Tunnels, long Seen);

/// <summary>How far a node was heard.</summary>
/// <param name="Node">The node.</param>
/// <param name="Incarnation">Its process.</param>
/// <param name="Number">That process's last batch.</param>
/// <param name="Before">The process before it, which counts no more.</param>
/// <param name="At">When, in seconds of Unix time.</param>
public sealed record HeardUse(string Node, Guid Incarnation, long Number, Guid Before, long At);
