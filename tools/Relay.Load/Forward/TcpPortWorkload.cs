using System.Net;
using Relay.Load.Client;
using Relay.Native.Linux;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>Forwards a local TCP port: every connection that it accepts gets a tunnel of its own.</summary>
internal sealed class TcpPortWorkload(TargetAuthority target, IPEndPoint listen)
    : PortWorkload(target), IReadiness, IDisposable
{
    private readonly Queue<StreamSocket> _waiting = new();
    private StreamSocket? _listener;
    private int _open;

    public override (double Fraction, string Text) Progress => (-1, $"{_open} tunnels to {Target}");

    public override void OnStart()
    {
        _listener = StreamSocket.Listen(listen);
        Loop.Handlers.Add(_listener.Fd, EpollInterest.In, this);
        Begin(_listener.LocalEndPoint);
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        base.OnConnectionReady(connection);
        OpenWaiting();
    }

    public override void OnStreamsAvailable(ClientConnection connection) => OpenWaiting();

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        _open--;
        OpenWaiting();
    }

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

    private void OpenWaiting()
    {
        while (_waiting.TryPeek(out var socket) && Next() is { } connection)
        {
            var end = new SocketEnd(Loop, socket);
            var request = TunnelRequest.Tcp(Loop.Config, Target);
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
}
