using System.Net;

namespace Relay.Native.Linux;

/// <summary>What a datagram longer than the path allows meets. The don't-fragment bit is set either way.</summary>
public enum PathMtuMode
{
    /// <summary>
    /// Only the interface's MTU limits a send and what the kernel learnt of the path is ignored (IP_PMTUDISC_PROBE):
    /// for QUIC, which finds the path MTU itself (RFC 9000 §14.3).
    /// </summary>
    Probe,

    /// <summary>The path MTU known to the kernel limits a send, which fails with EMSGSIZE (IP_PMTUDISC_DO).</summary>
    Kernel,
}

/// <summary>How a <see cref="DatagramSocket"/> is made.</summary>
public sealed class DatagramSocketOptions
{
    /// <summary>Several sockets share the address, each a member of one steering group. Off by default.</summary>
    public bool ReusePort { get; init; }

    /// <summary>
    /// Bytes asked of the receive buffer, beyond the system's limit where privileged; 0 keeps the system's.
    /// </summary>
    public int ReceiveBufferBytes { get; init; }

    /// <summary>
    /// Bytes asked of the send buffer, beyond the system's limit where privileged; 0 keeps the system's.
    /// </summary>
    public int SendBufferBytes { get; init; }

    /// <summary>Report the ECN field of received datagrams. Off by default: it costs a control message each.</summary>
    public bool Ecn { get; init; }

    /// <summary>Receive runs of datagrams as one message where the kernel can. On by default.</summary>
    public bool Gro { get; init; } = true;

    /// <summary>
    /// Null is <see cref="PathMtuMode.Probe"/> for a bound socket, <see cref="PathMtuMode.Kernel"/> for a connected
    /// one.
    /// </summary>
    public PathMtuMode? PathMtu { get; init; }

    /// <summary>
    /// Source of a connected socket; the address need not be on an interface (IP_FREEBIND). Null: the route's.
    /// </summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>Name of the only interface to use (SO_BINDTODEVICE), or null.</summary>
    public string? Interface { get; init; }
}
