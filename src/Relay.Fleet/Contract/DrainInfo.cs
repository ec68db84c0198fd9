using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>Where a drain operation is.</summary>
[JsonConverter(typeof(CamelCaseEnum<DrainState>))]
public enum DrainState
{
    /// <summary>Some node still has to be drained.</summary>
    Running,

    /// <summary>Every node was drained, came back, or is gone.</summary>
    Completed,

    /// <summary>An operator cancelled it; what it had drained serves again.</summary>
    Cancelled,
}

/// <summary>Where a node is in a drain operation.</summary>
[JsonConverter(typeof(CamelCaseEnum<DrainStep>))]
public enum DrainStep
{
    /// <summary>Its turn has not come: the budget is used up.</summary>
    Waiting,

    /// <summary>Ordered, or lame: it still accepts.</summary>
    Lame,

    /// <summary>It refuses new tunnels; open ones run.</summary>
    Draining,

    /// <summary>No tunnel is left; it waits to be restarted or undrained.</summary>
    Drained,

    /// <summary>It was drained, and serves again: restarted, or undrained.</summary>
    Returned,

    /// <summary>It was undrained, or the operation cancelled, before it was drained.</summary>
    Undrained,

    /// <summary>
    /// It fell silent, its process began anew, or it still ran tunnels long after its deadline, before it had said that
    /// it was drained: its tunnels are lost, or nobody knows.
    /// </summary>
    Lost,
}

/// <summary>A drain operation and how it goes.</summary>
public sealed partial record DrainInfo
{
    /// <summary>Its id, unique in the fleet.</summary>
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
    public DrainBudget MaxConcurrent { get; init; } = DrainBudget.Nodes(1);

    /// <summary>For how long a node that is lost in its turn holds up the next ones.</summary>
    public OnLostNode OnLostNode { get; init; }

    /// <summary>Why the next node's turn does not come, if one waits; one sentence.</summary>
    public string? Holdup { get; init; }

    /// <summary>Each node of it.</summary>
    public required IReadOnlyList<DrainNodeInfo> Nodes { get; init; }

    /// <summary>Nodes whose turn has not come.</summary>
    public int Waiting { get; init; }

    /// <summary>Nodes that are lame or draining.</summary>
    public int Draining { get; init; }

    /// <summary>Nodes that are drained, or were.</summary>
    public int Drained { get; init; }

    /// <summary>Tunnels that still run on draining nodes.</summary>
    public long TunnelsLeft { get; init; }

    /// <summary>Tunnels that ended of themselves.</summary>
    public long Finished { get; init; }

    /// <summary>Tunnels ended by a deadline.</summary>
    public long ForceClosed { get; init; }

    /// <summary>Tunnels lost with a node that died while it drained.</summary>
    public long Lost { get; init; }
}

/// <summary>A node within a drain operation.</summary>
public sealed record DrainNodeInfo
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Where it is.</summary>
    public required DrainStep Step { get; init; }

    /// <summary>When its turn came.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When what is left of its tunnels is ended by force; null while its turn has not come.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>When it was drained, returned, or was lost.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What becomes of its tunnels, as it last said.</summary>
    public NodeDrainProgress? Progress { get; init; }
}
