using Microsoft.Extensions.Logging;
using Relay.Admin.Options;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Hosting;

namespace Relay.Admin.Hosting;

/// <summary>
/// Starts the fleet that this process coordinates. The one place of this project that names the grains.
/// </summary>
internal static class FleetHosting
{
    /// <summary>Starts it.</summary>
    /// <exception cref="StartException">It cannot be started as it is configured.</exception>
    public static async Task<IFleetHost> StartAsync(
        ProgramConfig config, ILoggerFactory logs, CancellationToken cancellation)
    {
        try
        {
            return config.IsSilo
                ? await Grains.Hosting.GrainFleetHost.StartAsync(config.Silo, logs, cancellation).ConfigureAwait(false)
                : LocalFleetHost.Start(new LocalFleetConfig
                {
                    ClusterId = config.Silo.ClusterId,
                    Timings = config.Silo.Timings,
                });
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            throw new StartException($"--fleet {(config.IsSilo ? "silo" : "local")}: {e.Message}", e);
        }
    }
}
