using System.Net.Sockets;
using Relay.Interop.Tests.Egress.Client;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>A TCP target; what it does with a connection is the test's choice.</summary>
internal sealed class TcpTarget : IDisposable
{
    private readonly Socket _listener;

    private TcpTarget(Socket listener) => _listener = listener;

    /// <summary>As a client names it.</summary>
    public string Name => _listener.LocalEndPoint!.ToString()!;

    public static TcpTarget Listen(NetworkNamespace network, string address, int port = 0) => new(network.Run(() =>
    {
        var ip = IPAddress.Parse(address);
        var listener = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 65536 };
        listener.Bind(new IPEndPoint(ip, port));
        listener.Listen();
        return listener;
    }));

    public async Task<Socket> AcceptAsync() =>
        await _listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limits.Exchange);

    public void Dispose() => _listener.Dispose();

    /// <summary>Reads to the end, which may be a reset, and verifies what came.</summary>
    public static async Task<long> ReadAsync(Socket socket)
    {
        var buffer = new byte[1 << 20];
        using var deadline = new CancellationTokenSource(Limits.Transfer);
        for (long total = 0; ;)
        {
            int length;
            try
            {
                length = await socket.ReceiveAsync(buffer, deadline.Token);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                return total;
            }
            if (length == 0)
                return total;
            for (var i = 0; i < length; i++)
            {
                if (buffer[i] != TcpTestTunnel.ByteAt(total + i))
                    Assert.Fail($"byte {total + i} is {buffer[i]}");
            }
            total += length;
        }
    }
}
