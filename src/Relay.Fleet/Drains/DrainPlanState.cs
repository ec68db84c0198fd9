using Relay.Fleet.Contract;

namespace Relay.Fleet.Drains;

/// <summary>One drain operation: everything that has to outlive a <see cref="DrainPlan"/>.</summary>
public sealed record DrainPlanState
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is.</summary>
    public required DrainState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How nodes are drained.</summary>
    public DrainMode Mode { get; init; }

    /// <summary>How long each node's open tunnels may run, in seconds, from when it stops to accept.</summary>
    public int DeadlineSeconds { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How many nodes may be out of service at a time.</summary>
    public required DrainBudget MaxConcurrent { get; init; }

    /// <summary>What happens to the slot of a node that is lost in its turn.</summary>
    public OnLostNode OnLostNode { get; init; }

    /// <summary><see cref="DrainRequest.Fingerprint"/> of what it was begun by.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Each node, in the order of their turns.</summary>
    public required IReadOnlyList<DrainNodeState> Nodes { get; init; }
}

/// <summary>A node within a drain operation, as it is stored.</summary>
public sealed record DrainNodeState
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Where it is.</summary>
    public DrainStep Step { get; init; } = DrainStep.Waiting;

    /// <summary>
    /// The process that was ordered to drain; another one is not drained. Empty while its turn has not come.
    /// </summary>
    public Guid Incarnation { get; init; }

    /// <summary>When its turn came.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Until when it still accepts, on the coordinators' clock.</summary>
    public DateTimeOffset? LameUntil { get; init; }

    /// <summary>When what is left is ended by force, on the coordinators' clock.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>When it was drained, returned, or was lost.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>It was drained and is gone for good: it is not waited for.</summary>
    public bool IsGone { get; init; }

    /// <summary>Tunnels that it had when it was last heard of: lost with it if it is.</summary>
    public long TunnelsOpen { get; init; }

    /// <summary>Tunnels that were lost with it.</summary>
    public long Lost { get; init; }

    /// <summary>What becomes of its tunnels, as it last said.</summary>
    public NodeDrainProgress? Progress { get; init; }
}
