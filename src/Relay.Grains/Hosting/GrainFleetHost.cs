using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Grains.Hosting;

/// <summary>
/// A silo of the fleet in this process, and the fleet as it is seen through it. A silo that ends, because the cluster
/// declared it dead or Redis was away, is begun anew for as long as the host lives; the process and its tunnels do not
/// notice.
/// </summary>
public sealed class GrainFleetHost : IFleetHost
{
    private readonly GrainFleet _fleet;
    private readonly SiloSupervisor _supervisor;
    private readonly SiloMeter _meter;

    private GrainFleetHost(GrainFleet fleet, SiloSupervisor supervisor, SiloMeter meter) =>
        (_fleet, _supervisor, _meter) = (fleet, supervisor, meter);

    /// <inheritdoc/>
    public IFleet Fleet => _fleet;

    /// <inheritdoc/>
    public Task Failed => _supervisor.Completion;

    /// <summary>The silo that runs now; null while there is none. For tests.</summary>
    internal RunningSilo? Silo => _supervisor.Current;

    /// <summary>
    /// Starts a silo. Where Redis or the other silos cannot be reached it comes back all the same, with a fleet that is
    /// unavailable until they can: a node's start does not depend on the fleet.
    /// </summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="loggers">Receives its messages.</param>
    /// <param name="time">
    /// The clock. Its timestamps must go on while the machine is suspended: what is answered of a lease is counted by them.
    /// </param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="ArgumentException">The configuration is wrong; the message names the part.</exception>
    /// <exception cref="IOException">The silo's address cannot be listened on.</exception>
    public static Task<IFleetHost> StartAsync(
        SiloConfig config, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellation) =>
        StartAsync(config, tls: null, loggers, time, cancellation);

    /// <summary>The same, by TLS between silos.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="tls">What silos show each other, asked for each connection; null for clear text.</param>
    /// <param name="loggers">Receives its messages.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <inheritdoc cref="StartAsync(SiloConfig, ILoggerFactory, TimeProvider, CancellationToken)" path="/exception"/>
    public static async Task<IFleetHost> StartAsync(
        SiloConfig config, Func<SiloTls>? tls, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellation)
    {
        if (tls is null)
            return await StartAsync(config, loggers, new GrainClock(time), configure: null, cancellation);
        var host = await StartAsync(config, loggers, new GrainClock(time), silo => SiloTls.Use(silo, tls), cancellation);
        ((GrainFleetHost)host)._meter.WatchCertificate(() => tls().Expires - time.GetUtcNow());
        return host;
    }

    /// <summary>Starts a silo whose clock, and what else of it, the caller chooses. For tests.</summary>
    internal static async Task<IFleetHost> StartAsync(
        SiloConfig config, ILoggerFactory loggers, GrainClock clock, Action<ISiloBuilder>? configure,
        CancellationToken cancellation)
    {
        Validate(config);
        var meter = new SiloMeter();
        var fleet = new GrainFleet(loggers.CreateLogger<GrainFleet>(), clock) { MeterName = meter.Name };
        var supervisor = new SiloSupervisor(config, clock, fleet, meter, loggers, configure);
        meter.Watch(() => supervisor.Members, () => supervisor.IsRedisUp);
        try
        {
            await supervisor.StartAsync(cancellation);
        }
        catch
        {
            await supervisor.DisposeAsync();
            meter.Dispose();
            throw;
        }
        return new GrainFleetHost(fleet, supervisor, meter);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _supervisor.DisposeAsync();
        _meter.Dispose();
    }

    private static void Validate(SiloConfig config)
    {
        var faults = config.Timings.Faults().ToList();
        if (config.ClusterId.Length is < 1 or > 63
            || !config.ClusterId.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
            faults.Add("the cluster's name is 1 to 63 letters, digits, '-', '.' and '_'");
        if (config.Redis is not null)
        {
            try
            {
                FleetSilo.RedisOptions(config);
            }
            catch (ArgumentException exception)
            {
                faults.Add($"Redis's configuration text is wrong: {exception.Message}");
            }
        }
        if (faults.Count > 0)
            throw new ArgumentException(string.Join("; ", faults), nameof(config));
    }
}
