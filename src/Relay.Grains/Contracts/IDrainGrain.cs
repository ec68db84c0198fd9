using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Drains;

namespace Relay.Grains.Contracts;

/// <summary>
/// One drain operation; its key is the operation's id. Everything is in storage before it is answered.
/// </summary>
[Version(1)]
[Alias("relay.drain")]
internal interface IDrainGrain : IGrainWithStringKey
{
    /// <summary>Begins; of an operation that has begun it changes nothing.</summary>
    [Alias("create")]
    Task<DrainInfo> CreateAsync(DrainPlanState state);

    /// <summary>Keeps an operation that is over, as another fleet wrote it down; one that is here stays as it is.</summary>
    [Alias("restore")]
    Task RestoreAsync(DrainPlanState state);

    /// <summary>What is stored of the operation; null when there is none.</summary>
    [Alias("export")]
    Task<DrainPlanState?> ExportAsync();

    /// <summary>Says what has become of nodes, and gives where the operation is.</summary>
    [Alias("advance")]
    Task<DrainStanding> AdvanceAsync(DrainNews news);

    /// <summary>The turn of nodes has come, and slots were taken for them.</summary>
    [Alias("start")]
    Task<DrainStanding> StartAsync(NodeList nodes);

    /// <summary>Takes a node out; null when there is no such operation.</summary>
    [Alias("undrain")]
    Task<DrainInfo?> UndrainAsync(string node);

    /// <summary>Ends the operation.</summary>
    [Alias("cancel")]
    Task<FleetResult<DrainInfo>> CancelAsync();

    /// <summary>The operation and how it goes; null when there is none.</summary>
    [Alias("get")]
    Task<DrainInfo?> GetAsync();

    /// <summary>What a process of a node is ordered.</summary>
    [Alias("order")]
    Task<OrderAnswer> GetOrderAsync(OrderQuestion question);

    /// <summary>The operation is too old to be kept.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <summary>What has become of the nodes of an operation since it was last told.</summary>
internal sealed record DrainNews
{
    /// <summary>Nodes that are as said: reporting or silent.</summary>
    public IReadOnlyList<NodeInfo> Nodes { get; init; } = [];

    /// <summary>Nodes that left in order, as they last were.</summary>
    public IReadOnlyList<NodeInfo> Left { get; init; } = [];

    /// <summary>Nodes that the fleet no longer knows.</summary>
    public IReadOnlyList<string> Gone { get; init; } = [];

    /// <summary>Why the next turn does not come.</summary>
    public string? Holdup { get; init; }
}

/// <summary>Where an operation is.</summary>
/// <param name="Exists">Whether it has begun.</param>
/// <param name="IsActive">Whether it has to be told of its nodes still.</param>
/// <param name="IsRunning">Whether a node has still to be drained.</param>
/// <param name="MaxConcurrent">Its budget.</param>
/// <param name="Waiting">The nodes that wait, in the order of their turns.</param>
/// <param name="Ordered">The nodes that are ordered to drain, or are drained.</param>
/// <param name="OnLostNode">What happens to the slot of a node that is lost in its turn.</param>
/// <param name="MovedAt"><see cref="Relay.Fleet.Drains.DrainPlan.MovedAt"/>; null of a coordinator that does not tell.</param>
internal sealed record DrainStanding(
    bool Exists, bool IsActive, bool IsRunning, DrainBudget MaxConcurrent,
    IReadOnlyList<string> Waiting, IReadOnlyList<string> Ordered, OnLostNode OnLostNode = OnLostNode.Continue,
    DateTimeOffset? MovedAt = null);

/// <summary>Nodes.</summary>
internal sealed record NodeList(IReadOnlyList<NodeInfo> Nodes);

/// <summary>The question what a process of a node is ordered.</summary>
internal sealed record OrderQuestion(string Node, Guid Incarnation);

/// <summary>What it is ordered; null to serve.</summary>
internal sealed record OrderAnswer(DrainOrder? Order);
