using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Relay.Grains.Hosting;

/// <summary>Finds a port for a silo that was given none: Orleans names a silo by its port before it listens.</summary>
internal static class FreePort
{
    // Between finding one and listening on it, another silo of this process must not find the same.
    private static readonly ConcurrentDictionary<int, bool> Found = new();

    /// <summary>The address itself, or with a port that is free now in place of 0.</summary>
    internal static IPEndPoint Resolve(IPEndPoint address)
    {
        if (address.Port != 0)
            return address;
        while (true)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(address);
            var free = (IPEndPoint)socket.LocalEndPoint!;
            if (Found.TryAdd(free.Port, true) || Found.Count > 10_000)
                return free;
        }
    }
}
