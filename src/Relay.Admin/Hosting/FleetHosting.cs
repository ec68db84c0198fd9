using Microsoft.Extensions.Logging;
using Relay.Admin.Options;
using Relay.Fleet;

namespace Relay.Admin.Hosting;

/// <summary>
/// Starts the fleet that this process coordinates. The one place of this project that names the grains.
/// </summary>
internal static class FleetHosting
{
    /// <summary>Starts it.</summary>
    /// <exception cref="AdminStartException">It cannot be started as it is configured.</exception>
    public static async Task<IFleetHost> StartAsync(
        ProgramConfig config, ILoggerFactory logs, CancellationToken cancellation)
    {
        try
        {
            return config.IsSilo
                ? await StartSiloAsync(config.Silo, logs, cancellation).ConfigureAwait(false)
                : LocalFleetHost.Start(new LocalFleetConfig
                {
                    ClusterId = config.Silo.ClusterId,
                    Timings = config.Silo.Timings,
                });
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            throw new AdminStartException($"--fleet {(config.IsSilo ? "silo" : "local")}: {e.Message}", e);
        }
    }

#if FLEET
    /// <summary>Whether this build can host a silo.</summary>
    public const bool HasSilo = true;

    private static Task<IFleetHost> StartSiloAsync(
        SiloConfig config, ILoggerFactory logs, CancellationToken cancellation) =>
        Grains.GrainFleetHost.StartAsync(config, logs, cancellation);
#else
    /// <summary>Whether this build can host a silo.</summary>
    public const bool HasSilo = false;

    private static Task<IFleetHost> StartSiloAsync(
        SiloConfig config, ILoggerFactory logs, CancellationToken cancellation) =>
        throw new AdminStartException("--fleet silo: this build is without Orleans");
#endif
}
