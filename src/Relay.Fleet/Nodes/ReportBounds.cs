using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What is believed of a node's numbers: no more than a machine can carry, nor than the node itself says that it is made for.
/// Cut, and not refused: what a report says of leases and drains counts, whatever its numbers are.
/// </summary>
internal static class ReportBounds
{
    /// <summary>Client connections of one node at most.</summary>
    internal const long MaxConnections = 1L << 24;

    /// <summary>Tunnels of one node at most.</summary>
    internal const long MaxTunnels = 1L << 26;

    // A bucket of a distribution, in a second: as many packets as a fast card sends.
    private const long MaxSamples = 1L << 24;

    private static readonly TimeSpan LongestOutage = TimeSpan.FromHours(1);

    /// <summary>The report as far as it is believed, without its sessions, which are not kept twice.</summary>
    /// <param name="report">As the node sent it.</param>
    /// <param name="since">How long ago the one before came, whose samples this has not; null where that is not known.</param>
    internal static NodeReport Of(NodeReport report, TimeSpan? since)
    {
        var (capacity, load) = (report.Capacity, report.Load);
        if (capacity.MaxConnections > MaxConnections || capacity.MaxTunnels > MaxTunnels)
            capacity = capacity with
            {
                MaxConnections = Math.Min(capacity.MaxConnections, MaxConnections),
                MaxTunnels = Math.Min(capacity.MaxTunnels, MaxTunnels),
            };
        // One that does not say what it is made for is made for what any is.
        var (connections, tunnels) = (MostConnections(capacity), capacity.MaxTunnels > 0 ? capacity.MaxTunnels : MaxTunnels);
        var tcp = Math.Min(load.TcpTunnels, tunnels);
        if (load.Connections > connections || load.Sessions > connections || load.TcpTunnels > tcp || load.UdpTunnels > tunnels - tcp)
            load = load with
            {
                Connections = Math.Min(load.Connections, connections),
                Sessions = Math.Min(load.Sessions, connections),
                TcpTunnels = tcp,
                UdpTunnels = Math.Min(load.UdpTunnels, tunnels - tcp),
            };
        var seconds = SecondsOf(since);
        return report with
        {
            Capacity = capacity,
            Load = load,
            Rtt = report.Rtt.AtMost(seconds * MaxSamples),
            TunnelSetup = report.TunnelSetup.AtMost(seconds * MaxSamples),
            Sessions = SessionDelta.None,
        };
    }

    /// <summary>In how many seconds came what is told after a time; where that is not known, as in the longest that is believed.</summary>
    internal static long SecondsOf(TimeSpan? since) =>
        (long)Math.Ceiling(Math.Clamp((since ?? LongestOutage).TotalSeconds, 1, LongestOutage.TotalSeconds));

    /// <summary>How many connections, and so sessions, a node of a capacity has at most.</summary>
    internal static long MostConnections(NodeCapacity capacity) =>
        capacity.MaxConnections > 0 ? Math.Min(capacity.MaxConnections, MaxConnections) : MaxConnections;
}
