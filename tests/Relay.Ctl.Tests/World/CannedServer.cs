using System.Net.Sockets;
using System.Text;

namespace Relay.Ctl.Tests.World;

/// <summary>Gives every connection the same bytes, and closes it.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public CannedServer(string answer)
    {
        _listener.Start();
        _serving = ServeAsync(Encoding.UTF8.GetBytes(answer));
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await using var stream = client.GetStream();
                // The request fits one read: it has no body, and is a few hundred bytes.
                await stream.ReadAtLeastAsync(new byte[16 << 10], 1, throwOnEndOfStream: false, _stop.Token);
                await stream.WriteAsync(answer, _stop.Token);
                client.Client.Shutdown(SocketShutdown.Send);
                while (await stream.ReadAsync(new byte[1024], _stop.Token) > 0)
                {
                    // Until the client has closed too: what is unread would reset the connection, and what was written
                    // with it.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
