using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Relay.Grains.Contracts;
using Relay.Grains.Hosting;
using Relay.Grains.State;

namespace Relay.Grains.Tests.Stores;

/// <summary>
/// Storage that several silos share, as Redis is: compare-and-set by ETag, everything through JSON. It can be away, and
/// a write can be held at a barrier.
/// </summary>
internal sealed class SharedStorage : IGrainStorage, IStoreState
{
    private readonly ConcurrentDictionary<string, (string ETag, BinaryData Data)> _states = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly JsonStateSerializer _serializer = new();
    private long _version;

    /// <summary>Whether every call fails.</summary>
    internal bool IsAway { get; set; }

    /// <summary>Its history, which is another after a failover.</summary>
    internal string History { get; set; } = "first";

    /// <summary>Writes that were taken, by state.</summary>
    internal ConcurrentDictionary<string, int> Writes { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes that were refused, since somebody else had written.</summary>
    internal int Conflicts { get; private set; }

    /// <summary>Called before a write is taken; what it awaits is the barrier.</summary>
    internal Func<string, Task>? BeforeWrite { get; set; }

    /// <summary>Called after a write was taken; what it throws is all that its writer hears.</summary>
    internal Action<string>? AfterWrite { get; set; }

    /// <summary>Makes a silo store here.</summary>
    internal void AddTo(ISiloBuilder silo) => silo.Services
        .AddKeyedSingleton<IGrainStorage>(GrainKeys.Storage, this)
        .AddKeyedSingleton<IGrainStorage>(GrainKeys.Promises, this)
        .AddSingleton<IStoreState>(this);

    /// <summary>A stored state as its text; null when there is none.</summary>
    internal string? Find(string state, GrainId grain) =>
        _states.TryGetValue(Key(state, grain), out var stored) ? stored.Data.ToString() : null;

    /// <summary>Stores a text as some other version of the program may have written it.</summary>
    internal void Put(string state, GrainId grain, string json) =>
        _states[Key(state, grain)] = (NextTag(), BinaryData.FromString(json));

    /// <summary>Forgets one state.</summary>
    internal void Remove(string state, GrainId grain) => _states.TryRemove(Key(state, grain), out _);

    /// <summary>Forgets everything.</summary>
    internal void Clear() => _states.Clear();

    public Task<IReadOnlyList<FleetWarning>> ReadWarningsAsync() => Task.FromResult<IReadOnlyList<FleetWarning>>([]);

    public Task<string?> ReadHistoryAsync(string state, GrainId grain)
    {
        ThrowIfAway();
        return Task.FromResult<string?>(History);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfAway();
        if (_states.TryGetValue(Key(stateName, grainId), out var stored))
            (grainState.State, grainState.ETag, grainState.RecordExists) =
                (_serializer.Deserialize<T>(stored.Data), stored.ETag, true);
        else
            (grainState.State, grainState.ETag, grainState.RecordExists) = (Activator.CreateInstance<T>(), null, false);
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (BeforeWrite is { } barrier)
            await barrier(stateName);
        ThrowIfAway();
        var data = _serializer.Serialize(grainState.State);
        var key = Key(stateName, grainId);
        lock (_gate)
        {
            var current = _states.TryGetValue(key, out var stored) ? stored.ETag : null;
            if (current != grainState.ETag)
            {
                Conflicts++;
                throw new InconsistentStateException($"{key} has the version {current}, not {grainState.ETag}");
            }
            var tag = NextTag();
            _states[key] = (tag, data);
            AfterWrite?.Invoke(stateName);
            (grainState.ETag, grainState.RecordExists) = (tag, true);
        }
        Writes.AddOrUpdate(stateName, 1, static (_, count) => count + 1);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowIfAway();
        _states.TryRemove(Key(stateName, grainId), out _);
        (grainState.ETag, grainState.RecordExists) = (null, false);
        return Task.CompletedTask;
    }

    private static string Key(string state, GrainId grain) => $"{state}/{grain}";

    private string NextTag() => $"{Interlocked.Increment(ref _version)}";

    private void ThrowIfAway()
    {
        if (IsAway)
            throw new IOException("the storage is away");
    }
}
