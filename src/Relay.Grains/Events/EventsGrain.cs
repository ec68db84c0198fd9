using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;
using Relay.Fleet.Contract;
using Relay.Fleet.Events;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Events;

/// <inheritdoc cref="IEventsGrain"/>
/// <remarks>
/// In memory: a new activation begins a new run with the history that the one before has stored, and who read the old one learns that
/// there is a gap, unless that one ended in order. What has come is stored once a second, all at once, and nobody waits for it. A silo
/// that ends waits for what its grains are asked: readers are answered then, not kept.
/// </remarks>
[Reentrant]
[KeepAlive]
internal sealed class EventsGrain(
    GrainClock clock, IHostApplicationLifetime silo, IServiceProvider services, ILogger<EventsGrain> logger) : Grain, IEventsGrain
{
    // Below the time that a caller waits for an answer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(1);

    private readonly Guid _writer = Guid.NewGuid();
    private OwnedRecord<EventHistoryState> _record = null!;
    private EventLog _log = null!;
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _storing = Task.CompletedTask;
    private bool _isOvertaken;
    private bool _isRefused;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _record = new OwnedRecord<EventHistoryState>(
            services.GetRequiredKeyedService<IGrainStorage>(GrainKeys.Storage), this.GetGrainId(), "events",
            new EventHistoryState(), static read => read.Writer);
        _log = new EventLog(_writer.ToString("N")[..12], stored: await _record.ReadAsync());
        await TickAsync();
        if (clock.Ticks)
            this.RegisterGrainTimer(
                static grain => grain.TickAsync(), this, new GrainTimerCreationOptions(StorePeriod, StorePeriod) { Interleave = true });
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // What is being written lacks what came since that began.
        await _storing;
        await StoreAsync(isEnding: true);
    }

    /// <inheritdoc/>
    public Task AppendAsync(EventList events)
    {
        _log.History.Lose(events.Lost);
        foreach (var happened in events.Events)
            _log.Append(happened);
        var appended = _appended;
        _appended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        appended.SetResult();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<EventBatch> ReadAsync(EventQuestion question)
    {
        // Who came before is answered; who comes after asks the one that takes its place.
        if (silo.ApplicationStopping.IsCancellationRequested)
            throw new GrainUnavailableException("the coordinator that is responsible is ending");
        var batch = _log.Read(question.Position);
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

    /// <inheritdoc/>
    public async Task<EventBatch> ReadKnownAsync(string? position)
    {
        var batch = await ReadAsync(new EventQuestion(position));
        return batch with { Events = [.. batch.Events.Where(static happened => happened.Kind <= FleetEventKind.User)] };
    }

    /// <inheritdoc/>
    public Task<EventPage> ReadHistoryAsync(EventQuery query) => Task.FromResult(_log.History.Read(query));

    /// <inheritdoc/>
    public Task TickAsync()
    {
        if (_storing.IsCompleted)
            _storing = StoreAsync();
        return _storing;
    }

    private async Task StoreAsync(bool isEnding = false)
    {
        // Not at the end, either: what another has written is later than what is known here.
        if (_isOvertaken || _log.History.Unsaved(isEnding) is not { } state)
            return;
        try
        {
            await _record.WriteAsync(state with { Writer = _writer });
            _log.History.Save(state);
            _isRefused = false;
        }
        catch (StorageConflictException)
        {
            _isOvertaken = true;
            DeactivateOnIdle();
        }
        catch (Exception exception)
        {
            _log.History.Refuse();
            // It is tried again once a second.
            if (!_isRefused)
                Log.TickFailed(logger, "history of events", exception.Message);
            _isRefused = true;
        }
    }
}
