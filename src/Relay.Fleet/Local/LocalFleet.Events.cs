using Relay.Fleet.Contract;

namespace Relay.Fleet.Local;

/// <content>What happened.</content>
public sealed partial class LocalFleet
{
    private static readonly TimeSpan EventWait = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async ValueTask<EventBatch> ReadEventsAsync(string? position, CancellationToken cancellation)
    {
        Task anything;
        lock (_gate)
        {
            var batch = _log.Read(position);
            if (batch.Events.Count > 0 || batch.HasGap)
                return batch;
            position = batch.Position;
            anything = _news.Task;
        }
        try
        {
            await anything.WaitAsync(EventWait, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing happened: the reader gets an empty batch, and knows that the fleet is there.
        }
        lock (_gate)
            return _log.Read(position);
    }

    // What has happened is heard of when it is in the store: with what was decided by the end of the turn.
    private void Tell(IEnumerable<FleetEvent> events) => _telling.AddRange(events);

    private void Publish(IEnumerable<FleetEvent> events)
    {
        var before = _log.Position;
        foreach (var happened in events)
            _log.Append(happened);
        if (_log.Position == before)
            return;
        var told = _news;
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        told.SetResult();
    }
}
