using System.Diagnostics;
using Orleans.Storage;

namespace Relay.Grains.Hosting;

/// <summary>A storage in Redis, whose answers are measured.</summary>
/// <param name="inner">The storage.</param>
/// <param name="meter">Receives what is measured.</param>
/// <param name="redis">Hears whether it answers.</param>
internal sealed class MeasuredStorage(IGrainStorage inner, SiloMeter meter, RedisStore redis) : IGrainStorage
{
    private static readonly KeyValuePair<string, object?> Read = new("operation", "read");
    private static readonly KeyValuePair<string, object?> Write = new("operation", "write");
    private static readonly KeyValuePair<string, object?> Clear = new("operation", "clear");

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        MeasureAsync(Read, inner.ReadStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        MeasureAsync(Write, inner.WriteStateAsync(stateName, grainId, grainState));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        MeasureAsync(Clear, inner.ClearStateAsync(stateName, grainId, grainState));

    private async Task MeasureAsync(KeyValuePair<string, object?> operation, Task request)
    {
        var begun = Stopwatch.GetTimestamp();
        var isError = true;
        try
        {
            await request;
            isError = false;
        }
        catch (InconsistentStateException)
        {
            // Redis has answered, and another coordinator was first.
            isError = false;
            throw;
        }
        finally
        {
            redis.OnAsked(isError);
            meter.OnRedis(operation, Stopwatch.GetElapsedTime(begun), isError);
        }
    }
}
