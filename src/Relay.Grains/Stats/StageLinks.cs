using Relay.Grains.Contracts;

namespace Relay.Grains.Stats;

/// <summary>One coordinator's ways to all stages.</summary>
/// <param name="grains">Finds them.</param>
/// <param name="clock">The fleet's clock.</param>
internal sealed class StageLinks(IGrainFactory grains, GrainClock clock) : IDisposable
{
    private readonly StageLink[] _links =
        [.. Enumerable.Range(0, GrainKeys.StatsShards).Select(shard => new StageLink(grains, clock, shard))];

    /// <summary>The way to the stage of a node.</summary>
    internal StageLink Of(string node) => _links[GrainKeys.ShardOf(node)];

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_links, static link => link.Dispose());
}
