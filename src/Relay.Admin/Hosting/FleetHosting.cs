using Microsoft.Extensions.Logging;
using Relay.Admin.Options;
using Relay.Fleet;

namespace Relay.Admin.Hosting;

/// <summary>Starts the fleet that this process coordinates. The one place of this project that names the grains.</summary>
internal static class FleetHosting
{
    /// <summary>Whether this build can host a silo.</summary>
    public const bool HasSilo = false;

    /// <summary>Starts it.</summary>
    public static Task<IFleetHost> StartAsync(ProgramConfig config, ILoggerFactory logs, CancellationToken cancellation) =>
        Task.FromResult<IFleetHost>(LocalFleetHost.Start(new LocalFleetConfig { ClusterId = config.Silo.ClusterId }));
}
