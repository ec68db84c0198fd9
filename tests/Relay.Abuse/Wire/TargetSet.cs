namespace Relay.Abuse.Wire;

/// <summary>Targets of the attacks' and the neighbours' tunnels: on loopback, in this process.</summary>
internal sealed class TargetSet : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _echo = Udp();
    private readonly Socket _silent = Udp();
    private readonly TcpListener _source = new(IPAddress.Loopback, 0);
    private readonly TcpListener _holder = new(IPAddress.Loopback, 0);
    private long _silentDatagrams;

    public TargetSet()
    {
        _source.Start(1024);
        _holder.Start(1024);
        _ = EchoAsync();
        _ = CountAsync();
        _ = AcceptAsync(_source, gives: true);
        _ = AcceptAsync(_holder, gives: false);
    }

    /// <summary>Answers each datagram with itself.</summary>
    public IPEndPoint Echo => (IPEndPoint)_echo.LocalEndPoint!;

    /// <summary>Takes datagrams, and never answers.</summary>
    public IPEndPoint Silent => (IPEndPoint)_silent.LocalEndPoint!;

    /// <summary>Sends without an end to whoever connects.</summary>
    public IPEndPoint Source => (IPEndPoint)_source.LocalEndpoint;

    /// <summary>Takes connections, and neither reads nor sends.</summary>
    public IPEndPoint Holder => (IPEndPoint)_holder.LocalEndpoint;

    /// <summary>Datagrams that came to the target that never answers.</summary>
    public long SilentDatagrams => Interlocked.Read(ref _silentDatagrams);

    public void Dispose()
    {
        _end.Cancel();
        _source.Dispose();
        _holder.Dispose();
        _echo.Dispose();
        _silent.Dispose();
        _end.Dispose();
    }

    private static Socket Udp()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private async Task EchoAsync()
    {
        var buffer = new byte[64 * 1024];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var length = await _echo.ReceiveFromAsync(buffer, SocketFlags.None, from, _end.Token);
                await _echo.SendToAsync(buffer.AsMemory(0, length), SocketFlags.None, from, _end.Token);
            }
            catch (SocketException)
            {
                // A tunnel is gone.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CountAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                await _silent.ReceiveAsync(buffer, SocketFlags.None, _end.Token);
                Interlocked.Increment(ref _silentDatagrams);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end.
        }
    }

    private async Task AcceptAsync(TcpListener listener, bool gives)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(_end.Token), gives);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket, bool gives)
    {
        using (socket)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (gives)
                    await socket.SendAsync(buffer, SocketFlags.None, _end.Token);
                // What comes is left where it is; the relay's end is seen all the same.
                while (!socket.Poll(0, SelectMode.SelectRead) || socket.Available > 0)
                    await Task.Delay(500, _end.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The end of one of them.
            }
        }
    }
}
