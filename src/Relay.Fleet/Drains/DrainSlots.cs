namespace Relay.Fleet;

/// <summary>Who is in which drain, and out of service because of it: everything that has to outlive a <see cref="DrainSlots"/>.</summary>
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
/// <param name="Drain">The operation.</param>
/// <param name="Node">The node.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Incarnation">The process whose turn came.</param>
/// <param name="GoneAt">Since when the node has been silent or away; null while it is heard of.</param>
public sealed record DrainSlot(string Drain, string Node, DrainSlotPhase Phase, Guid Incarnation, DateTimeOffset? GoneAt = null);

/// <summary>Whether a node's turn may come.</summary>
/// <param name="IsTaken">It may: the slot is its own, now or before.</param>
/// <param name="Holdup">Why not, one sentence.</param>
public sealed record SlotAnswer(bool IsTaken, string? Holdup);

/// <summary>
/// The budget of all drains: which nodes are out of service because of any. A slot is taken before its node is ordered to
/// drain and is free when the node has been seen to serve after it, or has been gone for <see cref="FleetTimings.ReturnTime"/>:
/// so a coordinator that crashes between the two finds the slot taken, and never too few of them.
/// </summary>
public sealed class DrainSlots
{
    /// <summary>Goes on from a state.</summary>
    public DrainSlots(FleetTimings timings, DrainSlotsState? state = null) => throw new NotImplementedException();

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>The operation that a node takes part in; null when it is in none.</summary>
    public string? DrainOf(string node) => throw new NotImplementedException();

    /// <summary>Enrols nodes that are in no operation; of the same operation again, it changes nothing.</summary>
    /// <returns>Null; or the node that is in another operation, in which case nothing is changed.</returns>
    public string? Enrol(string drain, IEnumerable<string> nodes) => throw new NotImplementedException();

    /// <summary>Takes a slot for a node of an operation, if the budget allows; once taken, it stays.</summary>
    public SlotAnswer Take(string drain, NodeInfo node, DrainBudget budget, NodeRegistry registry) => throw new NotImplementedException();

    /// <summary>
    /// An operation says which nodes it still has: those that wait and those that are ordered. Others of its slots are given
    /// back: at once where the turn had not come, else when the node serves.
    /// </summary>
    public void Keep(string drain, IEnumerable<string> nodes) => throw new NotImplementedException();

    /// <summary>Looks at the fleet, and frees the slots of nodes that serve again or are gone for good.</summary>
    public void Observe(NodeRegistry registry, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The nodes that are out of service because of drains, or about to be, by name.</summary>
    public IReadOnlyList<string> Out(NodeRegistry registry) => throw new NotImplementedException();

    /// <summary>What has to be stored.</summary>
    public DrainSlotsState ToState() => throw new NotImplementedException();
}
