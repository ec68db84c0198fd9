using System.Net.Sockets;

namespace Relay.Testing.Network;

/// <summary>
/// A port on 127.0.0.1 behind which stands one server or another, as a service name does: who is connected when it is
/// switched loses the connection, and who connects then finds the other.
/// </summary>
public sealed class TcpSwitch : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Socket> _open;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private CancellationTokenSource _connections = new();
    private volatile TaskCompletionSource? _held;
    private int _target;

    /// <summary>Listens, with a server behind it.</summary>
    /// <param name="target">The server's port on 127.0.0.1.</param>
    /// <param name="port">Its own; 0 for a free one.</param>
    /// <param name="open">Makes the sockets toward the server, where that is in another network.</param>
    public TcpSwitch(int target, int port = 0, Func<Socket>? open = null)
    {
        _target = target;
        _open = open ?? (static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks all connections; later ones go to another server.</summary>
    public void SwitchTo(int target)
    {
        _target = target;
        var connections = Interlocked.Exchange(ref _connections, new CancellationTokenSource());
        connections.Cancel();
        connections.Dispose();
    }

    /// <summary>What is sent waits from now on; connections stay.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waited goes on.</summary>
    public void LetGo() => Interlocked.Exchange(ref _held, null)?.SetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await _connections.CancelAsync();
        _connections.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token), _open, _target, _connections.Token);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // It ends, and the listener may do so first.
        }
    }

    private async Task CarryAsync(TcpClient client, Func<Socket> open, int target, CancellationToken end)
    {
        using var from = client;
        using var to = new TcpClient { Client = open() };
        try
        {
            (from.NoDelay, to.NoDelay) = (true, true);
            await to.ConnectAsync(IPAddress.Loopback, target, end);
            await await Task.WhenAny(
                CopyAsync(from.GetStream(), to.GetStream(), end), CopyAsync(to.GetStream(), from.GetStream(), end));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Either side is gone, or was switched away from.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken end)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, end) is > 0 and var length)
        {
            if (_held is { } held)
                await held.Task.WaitAsync(end);
            await to.WriteAsync(buffer.AsMemory(0, length), end);
        }
    }
}
