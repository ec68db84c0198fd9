using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Grains.State;

namespace Relay.Grains.Hosting;

/// <summary>
/// Keeps a silo running: begins it, with a pause that grows, until it is a member; and begins it anew when it ends, or ends with
/// it (<see cref="SiloConfig.EndsWithSilo"/>).
/// </summary>
internal sealed class SiloSupervisor(
    SiloConfig config, GrainClock clock, GrainFleet fleet, SiloMeter meter, ILoggerFactory loggers, Action<ISiloBuilder>? configure)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = loggers.CreateLogger<SiloSupervisor>();
    private readonly CancellationTokenSource _ending = new();
    private RunningSilo? _silo;
    private string? _said;
    private volatile bool _isRedisUp;
    private Task _running = Task.CompletedTask;

    /// <summary>The silo that runs now; null while there is none.</summary>
    internal RunningSilo? Current => Volatile.Read(ref _silo);

    /// <summary>Whether Redis is reached, by the silo or by the last try to begin one; null where there is none.</summary>
    internal bool? IsRedisUp => config.Redis is null ? null
        : _isRedisUp && Current?.Redis?.IsUp != false;

    /// <summary>The states of the cluster's members, as the silo sees them; null while there is none.</summary>
    internal IEnumerable<SiloStatus>? Members =>
        Current?.Members.GetApproximateSiloStatuses().Values;

    /// <summary>
    /// Completes when no silo will be started any more; with the failure where that was not asked for.
    /// </summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the first silo, and goes on in the background.</summary>
    internal async Task StartAsync(CancellationToken cancellation)
    {
        var first = await TryStartAsync(mayThrow: true, cancellation);
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
            catch (Exception exception)
            {
                if (!_ending.IsCancellationRequested)
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
                silo = await TryStartAsync(mayThrow: config.EndsWithSilo, _ending.Token);
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
            fleet.Detach("its silo has ended");
            if (reason is not null)
                Log.SiloFailed(_logger, reason);
            Volatile.Write(ref _silo, null);
            // The cluster goes on without it; to take it apart is of no use to a process that ends.
            if (reason is not null && config.EndsWithSilo)
                throw new FleetUnavailableException(reason);
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

    private async Task<RunningSilo?> TryStartAsync(bool mayThrow, CancellationToken cancellation)
    {
        if (config.Redis is not null && await RedisCheck.FaultAsync(config, cancellation) is { } fault)
        {
            _isRedisUp = false;
            Say($"{fault.Reason}: {fault.Cause}", fault.Reason);
            return null;
        }
        _isRedisUp = true;
        try
        {
            var silo = await RunningSilo.StartAsync(config, clock, meter, loggers, configure, cancellation);
            Log.SiloUp(_logger, silo.Address, config.ClusterId, config.Redis is null ? "memory" : "Redis");
            _said = null;
            await WarnAsync(silo);
            return silo;
        }
        catch (Exception exception) when (
            !cancellation.IsCancellationRequested && !(mayThrow && RunningSilo.IsFinal(exception)))
        {
            Say(exception.Message, "its silo could not start");
            return null;
        }
    }

    // Once, and again when the reason is another.
    private void Say(string failure, string reason)
    {
        if (failure != _said)
            Log.StartFailed(_logger, failure);
        _said = failure;
        fleet.Detach(reason);
    }
}
