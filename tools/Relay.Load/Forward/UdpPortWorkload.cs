using System.Net;
using Relay.Load.Client;
using Relay.Native.Linux;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>Forwards a local UDP port to one target: every address that sends to it gets a tunnel of its own.</summary>
internal sealed class UdpPortWorkload(TargetAuthority target, IPEndPoint listen, TimeSpan idle)
    : PortWorkload(target), IReadiness, IUdpForwarder, IDisposable
{
    private readonly Dictionary<SocketEndpoint, UdpForwardTunnel> _tunnels = [];
    private readonly Dictionary<UdpForwardTunnel, SocketEndpoint> _peers = [];
    private readonly DatagramBatch _received = new(8);
    private readonly SendBatch _sending = new();
    private readonly ulong _idle = (ulong)(idle.Ticks * 100);
    private DatagramSocket? _socket;
    private ulong _token;
    private ulong _nextSweep;
    private bool _blocked;
    private long _dropped;

    public override (double Fraction, string Text) Progress =>
        (-1, $"{_tunnels.Count} tunnels to {Target}, {_dropped} datagrams dropped");

    public override void OnStart()
    {
        _socket = DatagramSocket.Bind(listen, new DatagramSocketOptions
        {
            PathMtu = PathMtuMode.Kernel,
            ReceiveBufferBytes = 4 * 1024 * 1024,
        });
        _token = Loop.Handlers.Add(_socket.Fd, EpollInterest.In, this);
        Begin(_socket.LocalEndPoint);
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (connection.WhyNoUdp is { } reason)
            Fail(reason);
        base.OnConnectionReady(connection);
    }

    public override void OnTunnelRefused(TunnelStream tunnel)
    {
        base.OnTunnelRefused(tunnel);
        Forget((UdpForwardTunnel)tunnel);
    }

    public override void OnTunnelClosed(TunnelStream tunnel) => Forget((UdpForwardTunnel)tunnel);

    public override void OnTurn()
    {
        FlushSending();
        if (Loop.Now < _nextSweep)
            return;
        _nextSweep = Loop.Now + (_idle / 4);
        foreach (var tunnel in _peers.Keys)
        {
            if (Loop.Now - tunnel.LastUse > _idle)
                tunnel.Finish();
        }
    }

    public void OnReady(EpollInterest events)
    {
        if ((events & EpollInterest.Out) != 0)
        {
            _blocked = false;
            Loop.Handlers.Modify(_socket!.Fd, EpollInterest.In, _token);
            FlushSending();
        }
        do
        {
            var count = _socket!.Receive(_received);
            for (var i = 0; i < count; i++)
                Forward(in _received.Remote(i), _received[i]);
        }
        while (!_received.Drained);
    }

    public void OnPayload(UdpForwardTunnel tunnel, ReadOnlySpan<byte> payload)
    {
        if (!_peers.TryGetValue(tunnel, out var peer))
            return;
        if (_sending.Reserve(payload.Length).Length < payload.Length)
            FlushSending();
        var room = _blocked ? default : _sending.Reserve(payload.Length);
        if (room.Length < payload.Length)
        {
            _dropped++;
            return;
        }
        payload.CopyTo(room);
        _sending.Commit(payload.Length, in peer, in _socket!.Local, 0);
    }

    public void OnTooLarge(UdpForwardTunnel tunnel, int length) => _dropped++;

    public void Dispose() => _socket?.Dispose();

    private void Forward(in SocketEndpoint peer, ReadOnlySpan<byte> payload)
    {
        if (!_tunnels.TryGetValue(peer, out var tunnel) && !TryOpen(in peer, out tunnel))
        {
            _dropped++;
            return;
        }
        if (!tunnel!.TrySend(payload))
            _dropped++;
    }

    private bool TryOpen(in SocketEndpoint peer, out UdpForwardTunnel? tunnel)
    {
        tunnel = null;
        if (Next()?.TryOpen(
                TunnelRequest.Udp(Loop.Config, Target),
                c => new UdpForwardTunnel(c, this, new DatagramQueue()), out var opened) != true)
            return false;
        tunnel = (UdpForwardTunnel)opened!;
        _tunnels.Add(peer, tunnel);
        _peers.Add(tunnel, peer);
        return true;
    }

    private void Forget(UdpForwardTunnel tunnel)
    {
        if (_peers.Remove(tunnel, out var peer))
            _tunnels.Remove(peer);
    }

    private void FlushSending()
    {
        if (_blocked || !_sending.HasPending || _sending.Flush(_socket!) == 0)
            return;
        _blocked = true;
        Loop.Handlers.Modify(_socket!.Fd, EpollInterest.In | EpollInterest.Out, _token);
    }
}
