namespace Relay.Fleet.Contract;

/// <summary>What is carried a second. Merges by addition.</summary>
public sealed record NodeRates
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly NodeRates None = new();

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

    /// <summary>The sum of many.</summary>
    public static NodeRates Sum(IEnumerable<NodeRates> rates)
    {
        var (upstream, downstream, datagrams, drops, connections, tunnels) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var one in rates)
        {
            upstream += one.UpstreamBytes;
            downstream += one.DownstreamBytes;
            datagrams += one.Datagrams;
            drops += one.DatagramDrops;
            connections += one.Connections;
            tunnels += one.Tunnels;
        }
        return new NodeRates
        {
            UpstreamBytes = upstream,
            DownstreamBytes = downstream,
            Datagrams = datagrams,
            DatagramDrops = drops,
            Connections = connections,
            Tunnels = tunnels,
        };
    }

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
