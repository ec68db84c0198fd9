using Relay.Fleet.Contract;

namespace Relay.Grains.State;

/// <summary>
/// What can be known of a storage. What it took within one history is there for as long as that lasts; another may have begun
/// without the last writes of the one before, as when a replica is promoted that had not heard of them.
/// </summary>
internal interface IStoreState
{
    /// <summary>The history of the part that stores a grain's state; null where the storage cannot say.</summary>
    /// <exception cref="Exception">The storage is away.</exception>
    Task<string?> ReadHistoryAsync(string state, GrainId grain);

    /// <summary>Why it may lose what it took, one sentence each.</summary>
    /// <exception cref="Exception">The storage is away.</exception>
    Task<IReadOnlyList<FleetWarning>> ReadWarningsAsync();
}

/// <summary>A storage in the memory of this process.</summary>
internal sealed class MemoryStoreState : IStoreState
{
    private static readonly FleetWarning NoPersistence = new(
        "no-persistence", "this fleet has one coordinator and no Redis: its pools, limits and drains end with it");

    /// <inheritdoc/>
    public Task<string?> ReadHistoryAsync(string state, GrainId grain) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<FleetWarning>> ReadWarningsAsync() =>
        Task.FromResult<IReadOnlyList<FleetWarning>>([NoPersistence]);
}
