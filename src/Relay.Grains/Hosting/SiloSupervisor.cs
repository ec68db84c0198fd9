using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Grains.State;

namespace Relay.Grains.Hosting;

/// <summary>Keeps a silo running: begins it anew when it ends, with a pause that grows.</summary>
internal sealed class SiloSupervisor(
    SiloConfig config, GrainClock clock, GrainFleet fleet, ILoggerFactory loggers, Action<ISiloBuilder>? configure)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = loggers.CreateLogger<SiloSupervisor>();
    private readonly CancellationTokenSource _ending = new();
    private RunningSilo? _silo;
    private Task _running = Task.CompletedTask;

    /// <summary>The silo that runs now; null while there is none.</summary>
    internal RunningSilo? Current => Volatile.Read(ref _silo);

    /// <summary>
    /// Completes when no silo will be started any more; with the failure where that was not asked for.
    /// </summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the first silo, and goes on in the background.</summary>
    internal async Task StartAsync(CancellationToken cancellation)
    {
        var first = await TryStartAsync(FirstPause, mayThrow: true, cancellation);
        if (first is not null)
            Attach(first);
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Completion = completion.Task;
        _running = Task.Run(async () =>
        {
            try
            {
                await RunAsync(first);
            }
            catch (Exception exception) when (!_ending.IsCancellationRequested)
            {
                completion.TrySetException(exception);
            }
        }, CancellationToken.None);
    }

    /// <summary>Leaves the cluster in order.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
        _ending.Dispose();
    }

    private async Task RunAsync(RunningSilo? silo)
    {
        var pause = FirstPause;
        while (true)
        {
            if (silo is null)
            {
                await Task.Delay(pause, _ending.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                silo = await TryStartAsync(pause, mayThrow: false, _ending.Token);
                continue;
            }
            Attach(silo);
            string? reason = null;
            try
            {
                using var watch = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                var guard = config.Redis is null
                    ? Task.CompletedTask
                    : MembershipGuard.WatchAsync(silo, MembershipTiming.TableRefresh, watch.Token);
                reason = await silo.Failed.WaitAsync(_ending.Token);
                await watch.CancelAsync();
                await guard;
            }
            catch (OperationCanceledException)
            {
                // The host is disposed: leave below.
            }
            fleet.Detach();
            if (reason is not null)
                Log.SiloFailed(_logger, reason);
            Volatile.Write(ref _silo, null);
            await silo.DisposeAsync();
            _ending.Token.ThrowIfCancellationRequested();
            (silo, pause) = (null, FirstPause);
        }
    }

    private void Attach(RunningSilo silo)
    {
        Volatile.Write(ref _silo, silo);
        fleet.Attach(silo.Services.GetRequiredService<IGrainFactory>());
    }

    private async Task WarnAsync(RunningSilo silo)
    {
        if (config.Redis is null)
            return;
        try
        {
            foreach (var warning in await silo.Services.GetRequiredService<IStoreState>().ReadWarningsAsync())
                Log.NotDurable(_logger, warning.Text);
        }
        catch (Exception)
        {
            // It is asked again with the fleet's overview.
        }
    }

    private async Task<RunningSilo?> TryStartAsync(TimeSpan pause, bool mayThrow, CancellationToken cancellation)
    {
        try
        {
            var silo = await RunningSilo.StartAsync(config, clock, loggers, configure, cancellation);
            Log.SiloUp(_logger, silo.Address, config.ClusterId, config.Redis is null ? "memory" : "Redis");
            await WarnAsync(silo);
            return silo;
        }
        catch (Exception exception) when (
            !cancellation.IsCancellationRequested && !(mayThrow && RunningSilo.IsFinal(exception)))
        {
            Log.StartFailed(_logger, exception.Message, pause.TotalSeconds);
            return null;
        }
    }
}
