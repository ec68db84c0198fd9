namespace Relay.Fleet;

/// <summary>
/// One drain operation: whose turn it is, what each node is ordered, what came of it. A drain is of a process: a node
/// whose process began anew is not drained any more. Knows nothing of other operations: <see cref="DrainSlots"/> says
/// whether a turn may come.
/// </summary>
public sealed partial class DrainPlan
{
    /// <summary>Goes on from a state.</summary>
    public DrainPlan(DrainPlanState state, FleetTimings timings) => throw new NotImplementedException();

    /// <summary>Makes an operation of what is asked for, or says what is wrong with it.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="nodes">The fleet's nodes.</param>
    /// <param name="enrolledIn">The running operation that has a node, or null: such a node cannot be in another.</param>
    /// <param name="now">The coordinator's clock.</param>
    public static FleetResult<DrainPlanState> Create(
        DrainRequest request, IEnumerable<NodeInfo> nodes, Func<string, string?> enrolledIn, DateTimeOffset now) =>
        throw new NotImplementedException();

    /// <summary>Its id.</summary>
    public string Id => throw new NotImplementedException();

    /// <summary>Where it is.</summary>
    public DrainState State => throw new NotImplementedException();

    /// <summary>How many nodes may be out of service at a time.</summary>
    public DrainBudget MaxConcurrent => throw new NotImplementedException();

    /// <summary>Some node waits, drains, or is drained and has not returned: it is to be told of its nodes still.</summary>
    public bool IsActive => throw new NotImplementedException();

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>Why the next turn does not come; one sentence, not stored.</summary>
    public string? Holdup { get; set; }

    /// <summary>The nodes that wait, in the order of their turns.</summary>
    public IEnumerable<string> Waiting => throw new NotImplementedException();

    /// <summary>The nodes that are ordered to drain, or are drained.</summary>
    public IEnumerable<string> Ordered => throw new NotImplementedException();

    /// <summary>A waiting node's turn has come, and a slot was taken for it. A silent one is lost at once.</summary>
    public void Start(NodeInfo node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A node is as told: reporting, or silent.</summary>
    public void Observe(NodeInfo node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A node left in order, and this was its last report.</summary>
    public void ObserveLeft(NodeInfo node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A node is no longer known to the fleet.</summary>
    public void ObserveGone(string node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Gives up nodes that report but do not drain, long after their deadline.</summary>
    public void Tick(DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>What a process of a node is ordered; null to serve.</summary>
    public DrainOrder? OrderFor(string node, Guid incarnation, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Takes a node out.</summary>
    /// <returns>Whether it was in: waiting, draining or drained.</returns>
    public bool Undrain(string node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Ends the operation: those that wait are left alone, those that drain or are drained serve again.</summary>
    public void Cancel(DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The operation and how it goes.</summary>
    public DrainInfo ToInfo() => throw new NotImplementedException();

    /// <summary>What has to be stored.</summary>
    public DrainPlanState ToState() => throw new NotImplementedException();
}
