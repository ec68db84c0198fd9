using System.Net;

namespace Relay.Native.Linux;

/// <summary>How a <see cref="StreamSocket"/> to a target is made.</summary>
public sealed class StreamSocketOptions
{
    /// <summary>
    /// The source; the address need not be on an interface (IP_FREEBIND), and a port of 0 is chosen at connect, so that
    /// ports are shared between targets (IP_BIND_ADDRESS_NO_PORT). Null: the route's.
    /// </summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>Name of the only interface to use (SO_BINDTODEVICE), or null.</summary>
    public string? Interface { get; init; }

    /// <summary>When to look whether the other side is still there; null: never.</summary>
    public KeepAlive? KeepAlive { get; init; }
}
