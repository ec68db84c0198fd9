namespace Relay.Fleet.Contract;

/// <summary>What a node has carried since its process began. Every number only rises; sums merge by addition.</summary>
public sealed record NodeTotals
{
    /// <summary>Connections whose handshake was completed.</summary>
    public long Connections { get; init; }

    /// <summary>Connections refused: limits, draining.</summary>
    public long ConnectionsRefused { get; init; }

    /// <summary>Handshakes that failed.</summary>
    public long HandshakesFailed { get; init; }

    /// <summary>TCP tunnels begun.</summary>
    public long TcpTunnels { get; init; }

    /// <summary>UDP tunnels begun.</summary>
    public long UdpTunnels { get; init; }

    /// <summary>Tunnels that ended in order.</summary>
    public long TunnelsCompleted { get; init; }

    /// <summary>Tunnels ended by a drain's deadline or by an operator.</summary>
    public long TunnelsForceClosed { get; init; }

    /// <summary>Tunnels that ended in any other way.</summary>
    public long TunnelsFailed { get; init; }

    /// <summary>Requests refused: policy, limits, draining.</summary>
    public long RequestsRefused { get; init; }

    /// <summary>Credentials and certificates that were refused.</summary>
    public long AuthFailures { get; init; }

    /// <summary>Bytes relayed toward targets.</summary>
    public long UpstreamBytes { get; init; }

    /// <summary>Bytes relayed toward clients.</summary>
    public long DownstreamBytes { get; init; }

    /// <summary>Datagrams relayed toward targets.</summary>
    public long UpstreamDatagrams { get; init; }

    /// <summary>Datagrams relayed toward clients.</summary>
    public long DownstreamDatagrams { get; init; }

    /// <summary>Datagrams dropped, for whatever reason, either way.</summary>
    public long DatagramDrops { get; init; }

    /// <summary>QUIC packets sent to clients.</summary>
    public long PacketsSent { get; init; }

    /// <summary>QUIC packets found lost.</summary>
    public long PacketsLost { get; init; }

    /// <summary>The sum of two.</summary>
    public static NodeTotals operator +(NodeTotals left, NodeTotals right) =>
        Combine(left, right, Sums.Saturating);

    /// <summary>What came since an earlier reading; of a process that began anew, all of it.</summary>
    public static NodeTotals operator -(NodeTotals later, NodeTotals earlier) =>
        Combine(later, earlier, static (a, b) => a >= b ? a - b : a);

    /// <summary>One of some parts that are as good as equal, and make up the whole.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="count">How many there are.</param>
    internal NodeTotals PartOf(int index, int count) =>
        Combine(this, this, (whole, _) => (whole / count) + (index < whole % count ? 1 : 0));

    private static NodeTotals Combine(NodeTotals left, NodeTotals right, Func<long, long, long> with) => new()
    {
        Connections = with(left.Connections, right.Connections),
        ConnectionsRefused = with(left.ConnectionsRefused, right.ConnectionsRefused),
        HandshakesFailed = with(left.HandshakesFailed, right.HandshakesFailed),
        TcpTunnels = with(left.TcpTunnels, right.TcpTunnels),
        UdpTunnels = with(left.UdpTunnels, right.UdpTunnels),
        TunnelsCompleted = with(left.TunnelsCompleted, right.TunnelsCompleted),
        TunnelsForceClosed = with(left.TunnelsForceClosed, right.TunnelsForceClosed),
        TunnelsFailed = with(left.TunnelsFailed, right.TunnelsFailed),
        RequestsRefused = with(left.RequestsRefused, right.RequestsRefused),
        AuthFailures = with(left.AuthFailures, right.AuthFailures),
        UpstreamBytes = with(left.UpstreamBytes, right.UpstreamBytes),
        DownstreamBytes = with(left.DownstreamBytes, right.DownstreamBytes),
        UpstreamDatagrams = with(left.UpstreamDatagrams, right.UpstreamDatagrams),
        DownstreamDatagrams = with(left.DownstreamDatagrams, right.DownstreamDatagrams),
        DatagramDrops = with(left.DatagramDrops, right.DatagramDrops),
        PacketsSent = with(left.PacketsSent, right.PacketsSent),
        PacketsLost = with(left.PacketsLost, right.PacketsLost),
    };
}
