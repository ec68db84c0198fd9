namespace Relay.Fleet.Contract;

/// <summary>What a node, or a fleet, carries at this moment. Merges by addition; loops do not merge.</summary>
public sealed record NodeLoad
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly NodeLoad None = new();

    /// <summary>Open client connections.</summary>
    public long Connections { get; init; }

    /// <summary>Sessions: connections with an identity or a tunnel.</summary>
    public long Sessions { get; init; }

    /// <summary>Open TCP tunnels.</summary>
    public long TcpTunnels { get; init; }

    /// <summary>Open UDP tunnels.</summary>
    public long UdpTunnels { get; init; }

    /// <summary>Each loop's share; of a node only.</summary>
    public IReadOnlyList<LoopLoad> Loops { get; init; } = [];

    /// <summary>The sum of many.</summary>
    public static NodeLoad Sum(IEnumerable<NodeLoad> loads)
    {
        var (connections, sessions, tcp, udp) = (0L, 0L, 0L, 0L);
        foreach (var load in loads)
        {
            connections = Sums.Saturating(connections, load.Connections);
            sessions = Sums.Saturating(sessions, load.Sessions);
            tcp = Sums.Saturating(tcp, load.TcpTunnels);
            udp = Sums.Saturating(udp, load.UdpTunnels);
        }
        return new NodeLoad { Connections = connections, Sessions = sessions, TcpTunnels = tcp, UdpTunnels = udp };
    }

    /// <summary>The sum of two.</summary>
    public static NodeLoad operator +(NodeLoad left, NodeLoad right) => new()
    {
        Connections = Sums.Saturating(left.Connections, right.Connections),
        Sessions = Sums.Saturating(left.Sessions, right.Sessions),
        TcpTunnels = Sums.Saturating(left.TcpTunnels, right.TcpTunnels),
        UdpTunnels = Sums.Saturating(left.UdpTunnels, right.UdpTunnels),
    };
}

/// <summary>One event loop's share of a node's load.</summary>
public sealed record LoopLoad
{
    /// <summary>Its number, from 0.</summary>
    public int Loop { get; init; }

    /// <summary>The part of the last second that it did not wait, 0 to 1.</summary>
    public double Busy { get; init; }

    /// <summary>Open client connections.</summary>
    public long Connections { get; init; }

    /// <summary>Open tunnels.</summary>
    public long Tunnels { get; init; }
}
