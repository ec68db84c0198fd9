using System.Net;
using Relay.Load.Client;
using Relay.Native.Linux;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>
/// Forwards TCP to one target: standard input and output through one tunnel, or every connection that a local port
/// accepts through a tunnel of its own.
/// </summary>
internal sealed class TcpForwardWorkload(TargetAuthority target, IPEndPoint? listen)
    : Workload, IReadiness, IDisposable
{
    private readonly Queue<StreamSocket> _waiting = new();
    private StreamSocket? _listener;
    private ClientConnection? _connection;
    private ConsoleEnd? _console;
    private TcpForwardTunnel? _consoleTunnel;
    private int _open;

    public override (double Fraction, string Text) Progress => (-1, $"{_open} tunnels to {target}");

    public override void OnStart()
    {
        if (listen is not null)
        {
            _listener = StreamSocket.Listen(listen);
            Loop.Handlers.Add(_listener.Fd, EpollInterest.In, this);
            Console.Error.WriteLine($"relay-load: listening on {_listener.LocalEndPoint} for {target}");
        }
        if (listen is null || !Loop.Config.ConnectsForEach)
            Loop.Connect();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (listen is not null && Loop.Config.ConnectsForEach)
            return;
        _connection = connection;
        if (listen is null)
            OpenConsole(connection);
        else
            OpenWaiting();
    }

    public override void OnConnectionEnded(ClientConnection connection)
    {
        if (listen is null || (_connection is null && !Loop.Config.ConnectsForEach))
        {
            base.OnConnectionEnded(connection);
            return;
        }
        Console.Error.WriteLine($"relay-load: the connection ended: {connection.DescribeEnd()}");
        _connection = null;
        if (!Loop.Config.ConnectsForEach)
            Loop.Connect();
    }

    public override void OnStreamsAvailable(ClientConnection connection) => OpenWaiting();

    public override void OnTunnelRefused(TunnelStream tunnel)
    {
        if (listen is null)
            Fail($"the tunnel was refused: {tunnel.DescribeAnswer()}");
        else
            Console.Error.WriteLine($"relay-load: a tunnel was refused: {tunnel.DescribeAnswer()}");
        tunnel.Abort(TunnelAbort.Cancelled);
    }

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        _open--;
        if (listen is not null)
            OpenWaiting();
        if (listen is not null || IsFinished)
            return;
        if (tunnel is TcpForwardTunnel { EndedInOrder: true })
            Finish();
        else
            Fail($"the tunnel ended early: {tunnel.DescribeEnd()}");
    }

    public override void OnTurn() => _consoleTunnel?.OnLocalReady();

    public void OnReady(EpollInterest events)
    {
        while (_listener!.Accept(out var accepted) >= 0 || accepted is not null)
        {
            if (accepted is not null)
                _waiting.Enqueue(accepted);
        }
        OpenWaiting();
    }

    public void Dispose()
    {
        _listener?.Dispose();
        foreach (var socket in _waiting)
            socket.Dispose();
    }

    private void OpenConsole(ClientConnection connection)
    {
        _console = new ConsoleEnd(Loop);
        var request = TunnelRequest.Tcp(Loop.Config, target);
        connection.TryOpen(request, c => new TcpForwardTunnel(c, _console), out var tunnel);
        _consoleTunnel = (TcpForwardTunnel?)tunnel;
        _open++;
        if (tunnel is null)
            Fail("the relay allows no streams");
    }

    private void OpenWaiting()
    {
        while (_waiting.TryPeek(out var socket) && Next() is { } connection)
        {
            var end = new SocketEnd(Loop, socket);
            var request = TunnelRequest.Tcp(Loop.Config, target);
            if (!connection.TryOpen(request, c => new TcpForwardTunnel(c, end), out var tunnel))
            {
                if (connection.IsGoingAway)
                    Console.Error.WriteLine("relay-load: the relay is going away (GOAWAY): a tunnel waits for the next connection");
                return;
            }
            _waiting.Dequeue();
            _open++;
            end.Ready = ((TcpForwardTunnel)tunnel!).OnLocalReady;
            end.Attach();
        }
    }

    private ClientConnection? Next() => Loop.Config.ConnectsForEach ? Loop.TryConnect()
        : _connection is { IsEnded: false } ? _connection : null;
}
