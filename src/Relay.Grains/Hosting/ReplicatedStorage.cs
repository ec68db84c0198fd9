using Orleans.Storage;

namespace Relay.Grains.Hosting;

/// <summary>A storage in Redis that has taken a write when so many replicas have it.</summary>
/// <param name="inner">The storage.</param>
/// <param name="redis">Its Redis.</param>
/// <param name="replicas">How many, of those that the primary has; 0 for none.</param>
internal sealed class ReplicatedStorage(IGrainStorage inner, RedisStore redis, int replicas) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => replicas == 0
        ? inner.WriteStateAsync(stateName, grainId, grainState)
        : redis.WriteAsync(
            stateName, grainId, replicas, () => inner.WriteStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);
}
