using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Native.Linux;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>Fits the limits of a node to the files that its process may have open.</summary>
internal static class OpenFiles
{
    /// <summary>Program files, which .NET keeps open, pipes, logs: 111, and somewhat more.</summary>
    private const int OfProcess = 136;

    /// <summary>What <c>--metrics-address</c> takes besides: 70.</summary>
    private const int OfMetrics = 80;

    /// <summary>What Orleans, ASP.NET and connections to coordinators and Redis take besides: 116 and more.</summary>
    private const int OfFleet = 160;

    /// <summary>Of a loop: epoll, eventfd.</summary>
    private const int OfLoop = 2;

    /// <summary>One line that says why the process cannot begin, or null. Before anything else is loaded.</summary>
    internal static string? Examine() => FileLimits.RaiseOpenFiles() is var files && files < FileLimits.Least
        ? $"RLIMIT_NOFILE allows {files} open files, and {FileLimits.Least} are the least that a relay begins with: "
            + "raise it (ulimit -n, LimitNOFILE=)"
        : null;

    /// <summary>Lowers limits that there are not enough open files for, and says so.</summary>
    /// <exception cref="StartException">There is no room for tunnels at all.</exception>
    internal static NodeConfig Fit(NodeConfig config, ILogger log) => Fit(config, FileLimits.RaiseOpenFiles(), log);

    /// <summary>The same, for so many open files.</summary>
    internal static NodeConfig Fit(NodeConfig config, long files, ILogger log)
    {
        var own = OfProcess + (config.MetricsAddress is null ? 0 : OfMetrics)
            + (config.Fleet.Mode == FleetMode.Off ? 0 : OfFleet) + (config.Workers * (OfLoop + config.Addresses.Length));
        var reserve = FileLimits.ReserveOf(files) + FileLimits.LookupsOf(files);
        var room = files - reserve - own;
        if (room >= config.MaxTunnels)
            return config;
        if (room <= 0)
            throw new StartException(
                $"RLIMIT_NOFILE allows {files} open files, which leaves none for tunnels: {own + reserve} are kept for "
                + "the process as it is configured; raise it (ulimit -n, LimitNOFILE=)");
        Log.TunnelsCapped(log, room, config.MaxTunnels, files, own + reserve);
        return config with
        {
            MaxTunnels = (int)room,
            MaxTunnelsPerConnection = (int)Math.Min(config.MaxTunnelsPerConnection, room),
        };
    }
}
