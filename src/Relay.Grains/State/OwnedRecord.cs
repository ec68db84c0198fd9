using Orleans.Storage;

namespace Relay.Grains.State;

/// <summary>
/// A record that one activation writes, as a whole and now and then, of what it has in memory. One that storage has lost is written
/// anew: nobody else knows it.
/// </summary>
/// <param name="storage">The storage.</param>
/// <param name="grain">Whose it is.</param>
/// <param name="name">Its name.</param>
/// <param name="empty">One of which nothing is known.</param>
/// <param name="writerOf">Who wrote it.</param>
internal sealed class OwnedRecord<T>(IGrainStorage storage, GrainId grain, string name, T empty, Func<T, Guid> writerOf)
    where T : class
{
    // Its content is not kept: only what storage wants to know of the one before.
    private GrainState<T>? _known;
    private bool _hasLost;

    /// <summary>Whether storage has lost it since this was asked.</summary>
    internal bool TakeLoss()
    {
        var hasLost = _hasLost;
        _hasLost = false;
        return hasLost;
    }

    /// <summary>Reads it; null where there is none.</summary>
    internal async Task<T?> ReadAsync()
    {
        var state = await LoadAsync();
        var read = state.RecordExists ? state.State : null;
        Know(state);
        return read;
    }

    /// <summary>Writes it.</summary>
    /// <param name="record">The record, with its writer: an activation, so that a write that arrived unheard is known from another's.</param>
    /// <exception cref="StorageConflictException">Another activation has written it.</exception>
    internal async Task WriteAsync(T record)
    {
        try
        {
            await TryWriteAsync(record);
        }
        catch (InconsistentStateException)
        {
            var state = await LoadAsync();
            if (state.RecordExists && (state.State is null || writerOf(state.State) != writerOf(record)))
                throw new StorageConflictException("another activation of this grain has written its state");
            _hasLost |= !state.RecordExists;
            Know(state);
            await TryWriteAsync(record);
        }
    }

    /// <summary>Removes it.</summary>
    internal async Task ClearAsync()
    {
        if (_known is { RecordExists: true } known)
            await storage.ClearStateAsync(name, grain, known);
        _known = null;
    }

    private async Task TryWriteAsync(T record)
    {
        var state = new GrainState<T>(record, _known?.ETag) { RecordExists = _known?.RecordExists == true };
        await storage.WriteStateAsync(name, grain, state);
        Know(state);
    }

    private async Task<GrainState<T>> LoadAsync()
    {
        var state = new GrainState<T>(empty);
        await storage.ReadStateAsync(name, grain, state);
        return state;
    }

    private void Know(GrainState<T> state)
    {
        state.State = empty;
        _known = state;
    }
}
