namespace Relay.Fleet.Contract;

/// <summary>What a node has carried since its process began. Every number only rises; sums merge by addition.</summary>
public sealed record NodeTotals
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly NodeTotals None = new();

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

    /// <summary>How many numbers these are.</summary>
    internal const int Numbers = 17;

    /// <summary>Its numbers, in an order of their own.</summary>
    internal void CopyTo(Span<long> numbers)
    {
        numbers[0] = Connections;
        numbers[1] = ConnectionsRefused;
        numbers[2] = HandshakesFailed;
        numbers[3] = TcpTunnels;
        numbers[4] = UdpTunnels;
        numbers[5] = TunnelsCompleted;
        numbers[6] = TunnelsForceClosed;
        numbers[7] = TunnelsFailed;
        numbers[8] = RequestsRefused;
        numbers[9] = AuthFailures;
        numbers[10] = UpstreamBytes;
        numbers[11] = DownstreamBytes;
        numbers[12] = UpstreamDatagrams;
        numbers[13] = DownstreamDatagrams;
        numbers[14] = DatagramDrops;
        numbers[15] = PacketsSent;
        numbers[16] = PacketsLost;
    }

    /// <summary>Of numbers as <see cref="CopyTo"/> gives them.</summary>
    internal static NodeTotals Of(ReadOnlySpan<long> numbers) => new()
    {
        Connections = numbers[0],
        ConnectionsRefused = numbers[1],
        HandshakesFailed = numbers[2],
        TcpTunnels = numbers[3],
        UdpTunnels = numbers[4],
        TunnelsCompleted = numbers[5],
        TunnelsForceClosed = numbers[6],
        TunnelsFailed = numbers[7],
        RequestsRefused = numbers[8],
        AuthFailures = numbers[9],
        UpstreamBytes = numbers[10],
        DownstreamBytes = numbers[11],
        UpstreamDatagrams = numbers[12],
        DownstreamDatagrams = numbers[13],
        DatagramDrops = numbers[14],
        PacketsSent = numbers[15],
        PacketsLost = numbers[16],
    };

    private static NodeTotals Combine(NodeTotals left, NodeTotals right, Func<long, long, long> with)
    {
        Span<long> numbers = stackalloc long[Numbers], others = stackalloc long[Numbers];
        left.CopyTo(numbers);
        right.CopyTo(others);
        for (var i = 0; i < Numbers; i++)
            numbers[i] = with(numbers[i], others[i]);
        return Of(numbers);
    }
}
