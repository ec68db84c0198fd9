using System.Net;
using System.Net.Sockets;

namespace Relay.Interop.Tests.Network;

/// <summary>Ports for programs that cannot choose one themselves and say which.</summary>
internal static class Ports
{
    /// <summary>A TCP port of 127.0.0.1 that is free in the caller's network.</summary>
    public static int FreeTcp()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A UDP port of 127.0.0.1 that is free in the caller's network.</summary>
    public static int FreeUdp()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
