using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What has to outlive a <see cref="NodeRegistry"/>: the nodes as they last were.</summary>
public sealed record NodeRegistryState
{
    /// <summary>The nodes.</summary>
    public IReadOnlyList<NodeInfo> Nodes { get; init; } = [];
}

/// <summary>What time did to a <see cref="NodeRegistry"/>.</summary>
/// <param name="Silent">Nodes that fell silent, as they now are.</param>
/// <param name="Forgotten">Nodes that were silent for too long and are no longer listed, as they last were.</param>
public sealed record RegistryTick(IReadOnlyList<NodeInfo> Silent, IReadOnlyList<NodeInfo> Forgotten)
{
    /// <summary>Nothing.</summary>
    public static RegistryTick None { get; } = new([], []);
}
