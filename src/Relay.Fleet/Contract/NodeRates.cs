namespace Relay.Fleet.Contract;

/// <summary>What is carried a second. Merges by addition.</summary>
public sealed record NodeRates
{
    /// <summary>Bytes a second toward targets.</summary>
    public double UpstreamBytes { get; init; }

    /// <summary>Bytes a second toward clients.</summary>
    public double DownstreamBytes { get; init; }

    /// <summary>Datagrams a second, both ways.</summary>
    public double Datagrams { get; init; }

    /// <summary>Datagrams dropped a second.</summary>
    public double DatagramDrops { get; init; }

    /// <summary>Connections established a second.</summary>
    public double Connections { get; init; }

    /// <summary>Tunnels begun a second.</summary>
    public double Tunnels { get; init; }

    /// <summary>The sum of two.</summary>
    public static NodeRates operator +(NodeRates left, NodeRates right) => new()
    {
        UpstreamBytes = left.UpstreamBytes + right.UpstreamBytes,
        DownstreamBytes = left.DownstreamBytes + right.DownstreamBytes,
        Datagrams = left.Datagrams + right.Datagrams,
        DatagramDrops = left.DatagramDrops + right.DatagramDrops,
        Connections = left.Connections + right.Connections,
        Tunnels = left.Tunnels + right.Tunnels,
    };

    /// <summary>The rates that an increase within a time makes.</summary>
    /// <param name="increase">What came.</param>
    /// <param name="within">In what time; zero gives zero rates.</param>
    public static NodeRates Of(NodeTotals increase, TimeSpan within)
    {
        if (within <= TimeSpan.Zero)
            return new NodeRates();
        double seconds = within.TotalSeconds;
        return new NodeRates
        {
            UpstreamBytes = increase.UpstreamBytes / seconds,
            DownstreamBytes = increase.DownstreamBytes / seconds,
            Datagrams = Sums.Saturating(increase.UpstreamDatagrams, increase.DownstreamDatagrams) / seconds,
            DatagramDrops = increase.DatagramDrops / seconds,
            Connections = increase.Connections / seconds,
            Tunnels = Sums.Saturating(increase.TcpTunnels, increase.UdpTunnels) / seconds,
        };
    }
}
