using Microsoft.Extensions.Hosting;
using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Events;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Events;

/// <inheritdoc cref="IEventsGrain"/>
/// <remarks>
/// In memory: a new activation begins a new run, and who read the old one learns that there is a gap. A silo that ends
/// waits for what its grains are asked: readers are answered then, not kept.
/// </remarks>
[Reentrant]
[KeepAlive]
internal sealed class EventsGrain(GrainClock clock, IHostApplicationLifetime silo) : Grain, IEventsGrain
{
    // Below the time that a caller waits for an answer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly EventLog _log = new(Guid.NewGuid().ToString("N")[..12]);
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public Task AppendAsync(EventList events)
    {
        foreach (var happened in events.Events)
            _log.Append(happened);
        var appended = _appended;
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        appended.SetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<EventBatch> ReadAsync(string? position)
    {
        // Who came before is answered; who comes after asks the one that takes its place.
        if (silo.ApplicationStopping.IsCancellationRequested)
            throw new GrainUnavailableException("the coordinator that is responsible is ending");
        var batch = _log.Read(position);
        if (batch.Events.Count > 0 || batch.HasGap)
            return batch;
        try
        {
            await _appended.Task.WaitAsync(LongestWait, clock.Time, silo.ApplicationStopping);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // Nothing happened: an empty answer.
        }
        return _log.Read(batch.Position);
    }
}
