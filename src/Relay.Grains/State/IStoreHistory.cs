namespace Relay.Grains.State;

/// <summary>
/// Which history a storage is in. What it took within one is there for as long as that lasts; another one may have begun
/// without the last writes of the one before, as when a replica is promoted that had not heard of them.
/// </summary>
internal interface IStoreHistory
{
    /// <summary>The history of the part that stores a grain's state; null where the storage cannot say.</summary>
    /// <exception cref="Exception">The storage is away.</exception>
    Task<string?> ReadAsync(string state, GrainId grain);
}

/// <summary>The history of a storage that is in this process's memory, or that cannot say.</summary>
internal sealed class NoHistory : IStoreHistory
{
    /// <inheritdoc/>
    public Task<string?> ReadAsync(string state, GrainId grain) => Task.FromResult<string?>(null);
}
