using Relay.Fleet.Contract;

namespace Relay.Fleet.Local;

/// <summary>A <see cref="LocalFleet"/> that is ticked once in each report interval, and its store.</summary>
public sealed class LocalFleetHost : IFleetHost
{
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LocalFleet _fleet;
    private readonly IDisposable? _store;
    private readonly Task _ticks;

    private LocalFleetHost(LocalFleet fleet, IDisposable? store, TimeSpan interval, TimeProvider time)
    {
        (_fleet, _store) = (fleet, store);
        _ticks = RunAsync(fleet, interval, time);
    }

    /// <inheritdoc/>
    public IFleet Fleet => _fleet;

    /// <inheritdoc/>
    public Task Failed => _failed.Task;

    /// <summary>Starts a fleet in this process.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="store">
    /// Keeps what it remembers, and is disposed with the host where it can be; null for memory alone.
    /// </param>
    /// <exception cref="ArgumentException">Its times do not fit each other; the message says which.</exception>
    public static LocalFleetHost Start(LocalFleetConfig config, TimeProvider? time = null, IFleetStore? store = null)
    {
        if (config.Timings.Faults().ToArray() is { Length: > 0 } faults)
            throw new ArgumentException(string.Join("; ", faults), nameof(config));
        time ??= TimeProvider.System;
        return new LocalFleetHost(
            new LocalFleet(config, [], time, Random.Shared, store), store as IDisposable, config.Timings.ReportInterval, time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _ticks.ConfigureAwait(false);
        var writing = Task.WhenAll(_fleet.FlushAsync(), _fleet.SaveUsageAsync(), _fleet.SaveHistoryAsync());
        // A store that hangs is this process's until it ends: what is on its way may yet arrive.
        await Task.WhenAny(writing, Task.Delay(LastWrite)).ConfigureAwait(false);
        if (writing.IsCompleted)
            _store?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(LocalFleet fleet, TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                fleet.Tick();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: nothing has failed.
        }
        // Of memory as well: what a tick has done in part is not carried on with, and without ticks nothing ends.
        catch (Exception e)
        {
            _failed.TrySetException(e);
        }
    }
}
