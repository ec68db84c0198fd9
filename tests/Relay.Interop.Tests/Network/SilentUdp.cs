using System.Net.Sockets;

namespace Relay.Interop.Tests.Network;

/// <summary>
/// A UDP port of 127.0.0.1 from which no answer ever comes, not even that nobody is there; it knows who tried.
/// </summary>
internal sealed class SilentUdp : IAsyncDisposable
{
    // RFC 9000 §14.1, §17.2: a client's first packets have a long header and fill this much.
    private const int SmallestInitial = 1200;
    private const byte LongHeader = 0x80;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task _receiving;
    private int _initials;

    public SilentUdp(int port)
    {
        Port = port;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _receiving = ReceiveAsync();
    }

    public int Port { get; }

    /// <summary>Packets that came by which a client of QUIC begins.</summary>
    public int Initials => Volatile.Read(ref _initials);

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var packet = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(packet);
                if (length >= SmallestInitial && (packet[0] & LongHeader) != 0)
                    Interlocked.Increment(ref _initials);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }
}
