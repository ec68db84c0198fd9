using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// Finds the grains of nodes for reports, which are most of what is called. Orleans itself looks at the attributes of the interface each
/// time, which costs more than the rest of finding one.
/// </summary>
internal static class NodeGrains
{
    // Of the program, and the same at each of its silos, which come and go: nothing of one of them is kept.
    private static Kind? _kind;

    /// <summary>The grain of a node.</summary>
    internal static INodeGrain Find(IGrainFactory grains, string node)
    {
        if (Volatile.Read(ref _kind) is { } kind)
            return (INodeGrain)grains.GetGrain(GrainId.Create(kind.Grain, IdSpan.Create(node)), kind.Interface);
        var first = grains.GetGrain<INodeGrain>(node);
        if (first is GrainReference reference)
            Volatile.Write(ref _kind, new Kind(reference.GrainId.Type, reference.InterfaceType));
        return first;
    }

    private sealed record Kind(GrainType Grain, GrainInterfaceType Interface);
}
