using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Drains;

/// <summary>
/// How many nodes a fleet has for the drains' budget, and how many of them are out of service. Counted once for a whole
/// pass of turns: counting anew for each would cost the square of the fleet.
/// </summary>
internal sealed class DrainCensus
{
    private readonly NodeRegistry _registry;
    private readonly HashSet<string> _outOfService;
    private readonly long _revision;

    /// <summary>Counts.</summary>
    /// <param name="registry">The nodes.</param>
    /// <param name="slots">The nodes that have a slot of the budget.</param>
    internal DrainCensus(NodeRegistry registry, IEnumerable<string> slots)
    {
        _registry = registry;
        _revision = registry.StateRevision;
        _outOfService = new HashSet<string>(slots, StringComparer.Ordinal);
        foreach (var node in registry.Nodes)
        {
            if (SaysItDrains(node))
                _outOfService.Add(node.Id);
            else if (node.State == NodeState.Serving && !_outOfService.Contains(node.Id))
                Members++;
        }
        Members += _outOfService.Count;
    }

    /// <summary>The nodes that serve, or are out of service because of drains: what a percentage is of.</summary>
    internal int Members { get; private set; }

    /// <summary>Whether this is still so of these nodes.</summary>
    internal bool IsOf(NodeRegistry nodes) => nodes == _registry && nodes.StateRevision == _revision;

    /// <summary>How many are out of service, beside one node.</summary>
    internal int OutBeside(string node) => _outOfService.Count - (_outOfService.Contains(node) ? 1 : 0);

    /// <summary>A node has got a slot.</summary>
    internal void AddOut(string node)
    {
        // One that serves was counted; one that only starts was not.
        if (_outOfService.Add(node) && _registry.Find(node)?.State != NodeState.Serving)
            Members++;
    }

    /// <summary>Whether a node is out of service by its own account.</summary>
    internal static bool SaysItDrains(NodeInfo node) =>
        node.State is NodeState.Lame or NodeState.Draining or NodeState.Drained;
}
