using System.Net.Sockets;

namespace Relay.Interop.Tests.Network;

/// <summary>A UDP port of 127.0.0.1 from which no answer ever comes, not even that nobody is there.</summary>
internal sealed class SilentUdp : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public SilentUdp(int port) => _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
