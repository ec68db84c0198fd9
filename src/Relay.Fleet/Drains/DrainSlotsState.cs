using Relay.Fleet.Contract;

namespace Relay.Fleet.Drains;

/// <summary>
/// Who is in which drain, and out of service because of it: everything that has to outlive a
/// <see cref="DrainSlots"/>.
/// </summary>
public sealed record DrainSlotsState
{
    /// <summary>A node has at most one.</summary>
    public IReadOnlyList<DrainSlot> Slots { get; init; } = [];
}

/// <summary>How far a node is in taking part in a drain.</summary>
public enum DrainSlotPhase
{
    /// <summary>It takes part, and serves until its turn comes.</summary>
    Enrolled,

    /// <summary>Its turn has come: it is out of service, or about to be.</summary>
    Taken,

    /// <summary>It is no longer ordered to drain, and has not yet been seen to serve.</summary>
    Returning,
}

/// <summary>A node's part in a drain.</summary>
public sealed record DrainSlot
{
    /// <summary>The operation.</summary>
    public required string Drain { get; init; }

    /// <summary>
    /// While the node returns from <see cref="Drain"/>: the operation that it takes part in next; null for none.
    /// </summary>
    public string? Next { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>How far it is.</summary>
    public DrainSlotPhase Phase { get; init; }

    /// <summary>Since when it is that far.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The process whose turn came.</summary>
    public Guid Incarnation { get; init; }

    /// <summary>For how long it is kept once the node is no longer ordered to drain, and gone.</summary>
    public OnLostNode OnLostNode { get; init; }

    /// <summary>The node has said that it carries out this drain.</summary>
    public bool HasObeyed { get; init; }

    /// <summary>Since when the node has been silent or away; null while it is heard of.</summary>
    public DateTimeOffset? GoneAt { get; init; }
}

/// <summary>Whether a node's turn may come.</summary>
/// <param name="IsTaken">It may: the slot is its own, now or before.</param>
/// <param name="Holdup">Why not, one sentence.</param>
public sealed record SlotAnswer(bool IsTaken, string? Holdup);
