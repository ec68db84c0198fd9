using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>The nodes that are quarantined: everything that has to outlive a <see cref="QuarantineDecider"/>.</summary>
public sealed record QuarantineState
{
    /// <summary>The quarantines.</summary>
    public IReadOnlyList<NodeQuarantine> Nodes { get; init; } = [];

    /// <summary>The last version given out.</summary>
    public long Version { get; init; }
}

/// <summary>Which nodes an operator has quarantined.</summary>
public sealed class QuarantineDecider
{
    private readonly SortedDictionary<string, NodeQuarantine> _nodes = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>How many nodes may be quarantined at a time.</summary>
    public const int MaxNodes = 1024;

    /// <summary>Goes on from a state.</summary>
    public QuarantineDecider(QuarantineState? state = null)
    {
        foreach (var one in state?.Nodes ?? [])
            _nodes.Add(one.Node, one);
        _version = state?.Version ?? 0;
    }

    /// <summary>The quarantines, by node.</summary>
    public IReadOnlyCollection<NodeQuarantine> Nodes => _nodes.Values;

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether a node is quarantined.</summary>
    public bool Has(string node) => _nodes.ContainsKey(node);

    /// <summary>Quarantines a node; one that is stays as it is.</summary>
    /// <param name="node">A name that the fleet knows.</param>
    /// <param name="expectedVersion">
    /// The version that its quarantine must have; empty when it must not be there; null for either.
    /// </param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<NodeQuarantine> Put(string node, string? expectedVersion, DateTimeOffset now)
    {
        var old = _nodes.GetValueOrDefault(node);
        if (!Versions.Fits(expectedVersion, old?.Version))
            return Changed(node);
        if (old is not null)
            return FleetResult.Ok(old);
        if (_nodes.Count >= MaxNodes)
            return FleetResult.Conflict<NodeQuarantine>($"{MaxNodes} nodes are quarantined already");
        _version = Versions.Next(_version, now);
        return FleetResult.Ok(Add(new NodeQuarantine { Node = node, Since = now, Version = Versions.ToText(_version) }));
    }

    /// <summary>Takes a quarantine that was decided elsewhere; one that is here stays as it is.</summary>
    public void Restore(NodeQuarantine quarantine)
    {
        if (!Has(quarantine.Node))
            Add(quarantine);
    }

    /// <summary>Lifts a quarantine; gives it as it was.</summary>
    public FleetResult<NodeQuarantine> Lift(string node, string? expectedVersion)
    {
        if (!_nodes.TryGetValue(node, out var old))
            return FleetResult.NotFound<NodeQuarantine>($"{node} is not quarantined");
        if (!Versions.Fits(expectedVersion, old.Version))
            return Changed(node);
        _nodes.Remove(node);
        Revision++;
        return FleetResult.Ok(old);
    }

    /// <summary>Why a quarantined node's report is refused.</summary>
    public static string RefusalOf(string node) =>
        $"{node} is quarantined by an operator: nothing that it says is taken, and its leases run out";

    /// <summary>What has to be stored.</summary>
    public QuarantineState ToState() => new() { Nodes = [.. _nodes.Values], Version = _version };

    private NodeQuarantine Add(NodeQuarantine quarantine)
    {
        Revision++;
        return _nodes[quarantine.Node] = quarantine;
    }

    private static FleetResult<NodeQuarantine> Changed(string node) => FleetResult.PreconditionFailed<NodeQuarantine>(
        $"the quarantine of {node} has been changed since its version was read");
}
