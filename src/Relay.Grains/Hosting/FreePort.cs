using System.Net;
using System.Net.Sockets;

namespace Relay.Grains.Hosting;

/// <summary>Finds a port for a silo that was given none: Orleans names a silo by its port before it listens.</summary>
internal static class FreePort
{
    /// <summary>The address itself, or with a port that is free now in place of 0.</summary>
    internal static IPEndPoint Resolve(IPEndPoint address)
    {
        if (address.Port != 0)
            return address;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(address);
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
