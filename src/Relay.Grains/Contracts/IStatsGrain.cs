using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Stats;

namespace Relay.Grains.Contracts;

/// <summary>
/// The first stage of what the fleet carries: a part of the nodes, by a hash of their names. What is wanted of all is
/// merged from the stages by whoever asks.
/// </summary>
[Version(1)]
[Alias("relay.stats")]
internal interface IStatsGrain : IGrainWithIntegerKey
{
    /// <summary>A node has reported.</summary>
    [Alias("add")]
    Task<FleetFacts> AddAsync(NodeSummary summary);

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    [Alias("close")]
    Task CloseAsync(string node);

    /// <summary>
    /// The nodes that have reported since this was last called with the same reader, as they are; takes what they are
    /// to know.
    /// </summary>
    [Alias("pull")]
    Task<HeardNodes> PullAsync(StatsPull pull);

    /// <summary>What came within a window, in seconds.</summary>
    [Alias("read")]
    Task<StatsSlice> ReadAsync(int windowSeconds);
}

/// <summary>What a node's report adds.</summary>
/// <param name="Info">The node as it is.</param>
/// <param name="Sequence">The report's number.</param>
/// <param name="Increase">What it carried since its last report.</param>
internal sealed record NodeSummary(NodeInfo Info, long Sequence, StatsIncrease Increase);

/// <summary>A node that has reported.</summary>
/// <param name="Info">The node as it is.</param>
/// <param name="Sequence">The report's number.</param>
internal sealed record HeardNode(NodeInfo Info, long Sequence);

/// <summary>Nodes that have reported.</summary>
internal sealed record HeardNodes(IReadOnlyList<HeardNode> Nodes);

/// <summary>Asks for the nodes that have reported.</summary>
/// <param name="Reader">Who asks; another one is told of all nodes first.</param>
/// <param name="Facts">What the nodes are to know.</param>
/// <param name="Quarantined">Those of the nodes whose word is not taken.</param>
internal sealed record StatsPull(string Reader, FleetFacts Facts, IReadOnlyList<string>? Quarantined = null);
