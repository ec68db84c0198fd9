using Relay.Node.Options;
using Relay.Node.Tunnels;

namespace Relay.Node.Http;

/// <summary>How long connections and tunnels may be silent, in nanoseconds.</summary>
/// <param name="ClientIdle">A connection without an HTTP event.</param>
/// <param name="UdpIdle">A UDP tunnel without a datagram; at least 120 s (RFC 9298 §3.1).</param>
/// <param name="Tcp">A TCP tunnel whose one side has ended.</param>
internal readonly record struct ConnectionTimeouts(ulong ClientIdle, ulong UdpIdle, TcpTunnelTimeouts Tcp)
{
    /// <summary>How long a header section may take to arrive.</summary>
    internal ulong Request { get; init; } = NodeDefaults.RequestTimeout * 1_000_000_000UL;

    /// <summary>How a client that has vanished is noticed.</summary>
    internal ClientSilence Silence { get; init; } = new();
}
