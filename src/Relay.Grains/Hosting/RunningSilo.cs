using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Grains.Hosting;

/// <summary>One run of a silo, from joining the cluster to leaving it.</summary>
internal sealed class RunningSilo : IAsyncDisposable
{
    // An orderly leave hands grains over and signs the table; where Redis is away, that cannot be waited for.
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(10);

    // So long what is told to end at once may take to do so.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private const int MaxPortChoices = 5;

    private readonly IHost _host;
    private readonly SiloFailure _failure;
    private readonly ILogger _logger;
    private bool _abandoned;

    private RunningSilo(IHost host, SiloFailure failure, IPEndPoint address, ILogger logger) =>
        (_host, _failure, Address, _logger) = (host, failure, address, logger);

    /// <summary>Where it listens.</summary>
    internal IPEndPoint Address { get; }

    /// <summary>Completes with the reason when it cannot go on.</summary>
    internal Task<string> Failed => _failure.Failed;

    /// <summary>Its services.</summary>
    internal IServiceProvider Services => _host.Services;

    /// <summary>The members of the cluster, as it sees them; also asked while it ends.</summary>
    internal ISiloStatusOracle Members { get; private set; } = null!;

    /// <summary>Its Redis; null where it has none.</summary>
    internal RedisStore? Redis { get; private set; }

    /// <summary>Ends it for a reason of our own.</summary>
    internal void Fail(string reason) => _failure.Report(reason);

    /// <summary>Leaves without a word, as a crash does. For tests.</summary>
    internal void Abandon() => _abandoned = true;

    /// <summary>Joins the cluster.</summary>
    internal static Task<RunningSilo> StartAsync(
        SiloConfig config, GrainClock clock, SiloMeter meter, ILoggerFactory loggers, Action<ISiloBuilder>? configure,
        CancellationToken cancellation) =>
        StartAsync(config, FreePort.Resolve, clock, meter, loggers, configure, cancellation);

    /// <summary>Joins the cluster at the address that is chosen for the one that is configured.</summary>
    internal static async Task<RunningSilo> StartAsync(
        SiloConfig config, Func<IPEndPoint, IPEndPoint> choose, GrainClock clock, SiloMeter meter, ILoggerFactory loggers,
        Action<ISiloBuilder>? configure, CancellationToken cancellation)
    {
        for (var left = MaxPortChoices; ; left--)
        {
            try
            {
                return await StartAtAsync(
                    choose(config.Address), config, clock, meter, loggers, configure, cancellation);
            }
            catch (Exception exception) when (config.Address.Port == 0 && left > 1 && IsTaken(exception))
            {
                // Orleans wants to know its port before it listens: until then another can have taken it.
            }
        }
    }

    private static async Task<RunningSilo> StartAtAsync(
        IPEndPoint address, SiloConfig config, GrainClock clock, SiloMeter meter, ILoggerFactory loggers,
        Action<ISiloBuilder>? configure, CancellationToken cancellation)
    {
        var failure = new SiloFailure();
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddProvider(new ForwardingLoggerProvider(loggers));
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Logging.AddFilter((category, level) => level >= ForwardingLoggerProvider.LeastOf(category));
        builder.Services
            .AddSingleton<IFatalErrorHandler>(failure)
            .AddSingleton(meter)
            // Signals are the process's business; the host must not take them.
            .AddSingleton<IHostLifetime, SilentLifetime>();
        builder.UseOrleans(silo =>
        {
            silo.UseStores(config, address).AddFleet(config, clock).AddIncomingGrainCallFilter<MeasuredCalls>();
            configure?.Invoke(silo);
        });
        if (clock.Ticks)
            builder.Services.AddHostedService<FleetPulse>();
        var host = builder.Build();
        var running = new RunningSilo(host, failure, address, loggers.CreateLogger<RunningSilo>());
        try
        {
            await host.StartAsync(cancellation);
            (running.Members, running.Redis) =
                (host.Services.GetRequiredService<ISiloStatusOracle>(), host.Services.GetService<RedisStore>());
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
        return running;
    }

    /// <summary>Whether a failure to start is of the configuration, so that trying again is of no use.</summary>
    internal static bool IsFinal(Exception exception) =>
        exception is SocketException or ArgumentException or OrleansConfigurationException
        || exception is IOException { InnerException: SocketException }
        || (exception.InnerException is not null && IsFinal(exception.InnerException));

    private static bool IsTaken(Exception exception) =>
        exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        || (exception.InnerException is { } inner && IsTaken(inner));

    /// <summary>Leaves the cluster, in order as far as a while allows.</summary>
    public async ValueTask DisposeAsync()
    {
        // What is disposed before it has stopped goes on for ever: Orleans' directory then asks for the members' list
        // in a circle, at the cost of a core. So the end is waited for, and where it does not come, what is left is
        // left to it.
        var end = EndAsync();
        try
        {
            await end.WaitAsync(LeaveLimit + EndLimit);
        }
        catch (TimeoutException)
        {
            Log.LeaveFailed(_logger, "it does not end");
        }
    }

    private async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(_abandoned ? TimeSpan.Zero : LeaveLimit);
        try
        {
            await _host.StopAsync(limit.Token);
        }
        catch (Exception exception)
        {
            if (!_abandoned)
                Log.LeaveFailed(_logger, exception.Message);
        }
        try
        {
            if (_host is IAsyncDisposable async)
                await async.DisposeAsync();
            else
                _host.Dispose();
        }
        catch (Exception exception)
        {
            Log.LeaveFailed(_logger, exception.Message);
        }
    }

    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
