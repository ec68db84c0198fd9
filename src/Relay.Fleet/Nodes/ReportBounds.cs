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

    /// <summary>The report as far as it is believed.</summary>
    /// <param name="report">As the node sent it.</param>
    /// <param name="since">How long ago the one before came, whose samples this has not; null where that is not known.</param>
    internal static NodeReport Of(NodeReport report, TimeSpan? since)
    {
        var capacity = report.Capacity with
        {
            MaxConnections = Math.Min(report.Capacity.MaxConnections, MaxConnections),
            MaxTunnels = Math.Min(report.Capacity.MaxTunnels, MaxTunnels),
        };
        // One that does not say what it is made for is made for what any is.
        var (connections, tunnels) = (MostConnections(capacity), capacity.MaxTunnels > 0 ? capacity.MaxTunnels : MaxTunnels);
        var tcp = Math.Min(report.Load.TcpTunnels, tunnels);
        var seconds = SecondsOf(since);
        return report with
        {
            Capacity = capacity,
            Load = report.Load with
            {
                Connections = Math.Min(report.Load.Connections, connections),
                Sessions = Math.Min(report.Load.Sessions, connections),
                TcpTunnels = tcp,
                UdpTunnels = Math.Min(report.Load.UdpTunnels, tunnels - tcp),
            },
            Rtt = report.Rtt.AtMost(seconds * MaxSamples),
            TunnelSetup = report.TunnelSetup.AtMost(seconds * MaxSamples),
        };
    }

    /// <summary>In how many seconds came what is told after a time; where that is not known, as in the longest that is believed.</summary>
    internal static long SecondsOf(TimeSpan? since) =>
        (long)Math.Ceiling(Math.Clamp((since ?? LongestOutage).TotalSeconds, 1, LongestOutage.TotalSeconds));

    /// <summary>How many connections, and so sessions, a node of a capacity has at most.</summary>
    internal static long MostConnections(NodeCapacity capacity) =>
        capacity.MaxConnections > 0 ? Math.Min(capacity.MaxConnections, MaxConnections) : MaxConnections;
}
