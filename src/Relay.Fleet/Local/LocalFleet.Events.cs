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
        lock (gate)
        {
            var batch = log.Read(position);
            if (batch.Events.Count > 0 || batch.HasGap)
                return batch;
            position = batch.Position;
            anything = news.Task;
        }
        try
        {
            await anything.WaitAsync(EventWait, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing happened: the reader gets an empty batch, and knows that the fleet is there.
        }
        lock (gate)
            return log.Read(position);
    }

    private void Tell(IEnumerable<FleetEvent> events)
    {
        var before = log.Position;
        foreach (var happened in events)
            log.Append(happened);
        if (log.Position == before)
            return;
        var told = news;
        news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        told.SetResult();
    }
}
