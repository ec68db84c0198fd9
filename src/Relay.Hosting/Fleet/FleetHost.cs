using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Grains.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Systemd;

namespace Relay.Hosting.Fleet;

/// <summary>Starts the fleet that a process coordinates. It and what silos show each other alone name the grains.</summary>
public static class FleetHost
{
    /// <summary>Starts it.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="logs">Receives its messages.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="StartException">It cannot be started as it is configured.</exception>
    public static async Task<IFleetHost> StartAsync(
        FleetHostConfig config, ILoggerFactory logs, CancellationToken cancellation)
    {
        var clock = new BootClock();
        StateFolder? state = null;
        try
        {
            if (config.IsSilo)
                return await StartSiloAsync(config, logs, clock, cancellation).ConfigureAwait(false);
            if ((config.State ?? StateDirectory.Path) is { } path)
                state = StateFolder.Open(path, logs.CreateLogger<StateFolder>());
            return LocalFleetHost.Start(
                new LocalFleetConfig { ClusterId = config.Silo.ClusterId, Timings = config.Silo.Timings }, clock, state);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            state?.Dispose();
            // Of a silo, that its address cannot be listened on.
            throw new StartException($"--fleet {(config.IsSilo ? "silo" : "local")}: {e.Message}", e) { MayPass = config.IsSilo && e is IOException };
        }
    }

    private static Task<IFleetHost> StartSiloAsync(
        FleetHostConfig config, ILoggerFactory logs, TimeProvider clock, CancellationToken cancellation)
    {
        var log = logs.CreateLogger(typeof(FleetHost));
        SecretFiles.Check(log, new NamedFile(FleetHostOptions.RedisPassword.Name, config.Silo.RedisPasswordPath));
        if (config.SiloTls is { } files)
            return EncryptedSilo.StartAsync(
                files, log, tls => GrainFleetHost.StartAsync(config.Silo, tls, logs, clock, cancellation));
        // Without Redis there is no other silo to talk to.
        if (config.Silo.Redis is not null && !IPAddress.IsLoopback(config.Silo.Address.Address))
            Log.SiloInClear(log, config.Silo.Address);
        return GrainFleetHost.StartAsync(config.Silo, logs, clock, cancellation);
    }
}
