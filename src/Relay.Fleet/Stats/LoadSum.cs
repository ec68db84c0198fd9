using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>
/// A <see cref="NodeLoad"/> without its loops, in place: what is kept of each report is to be no object that outlives it.
/// </summary>
internal readonly record struct LoadSum(long Connections, long Sessions, long TcpTunnels, long UdpTunnels)
{
    /// <summary>What is open at a node.</summary>
    public static LoadSum Of(NodeLoad load) => new(load.Connections, load.Sessions, load.TcpTunnels, load.UdpTunnels);

    /// <summary>The same for others to have.</summary>
    public NodeLoad ToLoad() =>
        new() { Connections = Connections, Sessions = Sessions, TcpTunnels = TcpTunnels, UdpTunnels = UdpTunnels };

    /// <summary>The sum of two.</summary>
    public static LoadSum operator +(LoadSum left, LoadSum right) => new(
        Sums.Saturating(left.Connections, right.Connections), Sums.Saturating(left.Sessions, right.Sessions),
        Sums.Saturating(left.TcpTunnels, right.TcpTunnels), Sums.Saturating(left.UdpTunnels, right.UdpTunnels));

    /// <summary>What is left without a part of it.</summary>
    public static LoadSum operator -(LoadSum whole, LoadSum part) => new(
        whole.Connections - part.Connections, whole.Sessions - part.Sessions,
        whole.TcpTunnels - part.TcpTunnels, whole.UdpTunnels - part.UdpTunnels);
}
