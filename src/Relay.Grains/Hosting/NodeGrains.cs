using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// Finds the grains of nodes for reports, which are most of what is called. Orleans itself looks at the attributes of the interface each
/// time, which costs more than the rest of finding one.
/// </summary>
internal static class NodeGrains
{
    // Of the program, and the same at each silo.
    private static GrainReference? _any;

    /// <summary>The grain of a node.</summary>
    internal static INodeGrain Find(IGrainFactory grains, string node)
    {
        if (Volatile.Read(ref _any) is { } any)
            return (INodeGrain)grains.GetGrain(GrainId.Create(any.GrainId.Type, IdSpan.Create(node)), any.InterfaceType);
        var first = grains.GetGrain<INodeGrain>(node);
        Volatile.Write(ref _any, first as GrainReference);
        return first;
    }
}
