using Relay.Fleet.Contract;

namespace Relay.Fleet.Local;

/// <content>
/// What has happened and was done, over restarts. It is written with the next tick, all that came by then at once, and nobody waits for
/// that; a store that does not take it is tried again with each tick.
/// </content>
public sealed partial class LocalFleet
{
    private Task _savingHistory = Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<EventPage> ReadHistoryAsync(EventQuery query, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_log.History.Read(query));
    }

    /// <inheritdoc/>
    public ValueTask RecordAsync(IReadOnlyList<FleetEvent> records, long lost, CancellationToken cancellation)
    {
        lock (_gate)
        {
            _log.History.Lose(lost);
            Publish(records);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes what is not written, as the last that this run has to say; completes when it is, or is not going to be.</summary>
    public async Task SaveHistoryAsync()
    {
        Task saving;
        lock (_gate)
            saving = _savingHistory;
        await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            saving = BeginSavingHistory(isEnding: true);
        await saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task BeginSavingHistory(bool isEnding = false)
    {
        if (_store is null || !_savingHistory.IsCompleted || _log.History.Unsaved(isEnding) is not { } state)
            return _savingHistory;
        return _savingHistory = SaveAsync(_store);

        async Task SaveAsync(IFleetStore store)
        {
            var isTaken = false;
            try
            {
                await store.WriteHistoryAsync(state).ConfigureAwait(false);
                isTaken = true;
            }
            catch (Exception)
            {
                // The store says so; without memory it is as without a disk.
            }
            lock (_gate)
            {
                if (isTaken)
                    _log.History.Save(state);
                else
                    _log.History.Refuse();
            }
        }
    }
}
