using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Stats;

namespace Relay.Grains.Contracts;

/// <summary>
/// The first stage of what the fleet carries: a part of the nodes, by a hash of their names. What is wanted of all is
/// merged from the stages by whoever asks; the fleet's grain is told what is new of nodes, who has reported, and sums.
/// </summary>
[Version(3)]
[Alias("relay.stats")]
internal interface IStatsGrain : IGrainWithIntegerKey
{
    /// <summary>A node has reported; for coordinators of the version before this.</summary>
    [Alias("add")]
    Task<FleetFacts> AddAsync(NodeSummary summary);

    /// <summary>Nodes have reported.</summary>
    [Alias("addAll")]
    Task<StageAnswer> AddAllAsync(NodeSummaries summaries);

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    [Alias("close")]
    Task CloseAsync(string node);

    /// <summary>What is new since a position, and what all carry; takes what the nodes are to know.</summary>
    [Alias("pull")]
    Task<HeardNodes> PullAsync(StatsPull pull);

    /// <summary>Nodes as they last reported; those that are not known here are left out.</summary>
    [Alias("show")]
    Task<NodeList> ShowAsync(NameList nodes);

    /// <summary>All limits, of a version or later: the fleet's grain is asked once for all nodes of the stage.</summary>
    [Alias("limits")]
    Task<LimitList> ListLimitsAsync(LimitsQuestion question);

    /// <summary>What came within a window, in seconds.</summary>
    [Alias("read")]
    Task<StatsSlice> ReadAsync(int windowSeconds);
}

/// <summary>What a node's report adds.</summary>
/// <param name="Info">The node as it is.</param>
/// <param name="Sequence">The report's number.</param>
/// <param name="Increase">What it carried since its last report.</param>
internal sealed record NodeSummary(NodeInfo Info, long Sequence, StatsIncrease Increase);

/// <summary>What nodes' reports add.</summary>
/// <param name="Nodes">The reports, of each node one.</param>
internal sealed record NodeSummaries(IReadOnlyList<NodeSummary> Nodes);

/// <summary>The answer to reports.</summary>
/// <param name="Facts">What the nodes are to know.</param>
internal sealed record StageAnswer(FleetFacts Facts)
{
    /// <summary>Those whom the fleet may not take any more: it is to be asked before anything else is.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];
}

/// <summary>Asks for all limits.</summary>
/// <param name="Version">Of this version or later, as <see cref="FleetFacts.LimitsVersion"/> has it.</param>
internal sealed record LimitsQuestion(long Version);

/// <summary>A node that has reported.</summary>
/// <param name="Info">The node as it is.</param>
/// <param name="Sequence">The report's number.</param>
internal sealed record HeardNode(NodeInfo Info, long Sequence);

/// <summary>How far somebody has heard a stage.</summary>
/// <param name="Stage">Which activation of it: another one knows only what was told to it.</param>
/// <param name="Number">The number of the last report that it had.</param>
internal sealed record StagePosition(Guid Stage, long Number)
{
    /// <summary>That of who has heard nothing, or wants all of it again.</summary>
    public static StagePosition Nowhere { get; } = new(Guid.Empty, 0);
}

/// <summary>What is new at a stage.</summary>
/// <param name="Nodes">Nodes that are told whole.</param>
internal sealed record HeardNodes(IReadOnlyList<HeardNode> Nodes)
{
    /// <summary>The names of the others that have reported since the position that was asked by.</summary>
    public IReadOnlyList<string> Heard { get; init; } = [];

    /// <summary>The position of this answer.</summary>
    public StagePosition Position { get; init; } = StagePosition.Nowhere;

    /// <summary>What all nodes of the stage carry.</summary>
    public NodeLoad Load { get; init; } = new();

    /// <summary>What all nodes of the stage carry a second.</summary>
    public NodeRates Rates { get; init; } = new();
}

/// <summary>Asks a stage for what is new.</summary>
/// <param name="Facts">What the nodes are to know.</param>
/// <param name="After">The position of the last answer; null of an older coordinator, which is told all that reported since anybody asked.</param>
/// <param name="Quarantined">Those of the nodes whose word is not taken.</param>
/// <param name="Watched">Those of the nodes that are told whole whenever they report.</param>
internal sealed record StatsPull(
    FleetFacts Facts, StagePosition? After = null, IReadOnlyList<string>? Quarantined = null, IReadOnlyList<string>? Watched = null);
