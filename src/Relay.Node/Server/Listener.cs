using System.Net;
using Relay.Native.Linux;
using Relay.Node.Http3;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>
/// One bind address of one loop: its socket, and what carries packets between it and the connections.
/// </summary>
internal sealed class Listener : ILoopPhase, IReadiness, IOwned, IPacketPort, IDisposable
{
    /// <summary>Batches received in one turn: enough to keep up, few enough to be fair to the other phases.</summary>
    private const int BatchesPerTurn = 4;

    /// <summary>
    /// Bytes received before they go on to their targets: what the second-level cache of a core holds besides the
    /// copies on their way. A megabyte at a time would be written to memory and read from it again, twice.
    /// </summary>
    private const int BytesAtATime = 256 * 1024;

    /// <summary>Errors in a row after which the socket has nothing else to say for a while.</summary>
    private const int MaxErrors = 16;

    /// <summary>Nanoseconds before another try then.</summary>
    private const ulong Pause = 100_000_000;

    private readonly EventLoop _loop;
    private readonly ServerState _node;
    private readonly DatagramSocket _socket;
    private readonly DatagramBatch _received;
    private readonly SendBatch _outgoing = new();
    private readonly ConnectionHost _host;
    private readonly ulong _token;
    private readonly ActionTimer _again;
    private bool _readable = true;
    private bool _blocked;
    private int _messages;
    private int _errors;

    /// <summary>Takes over a bound socket.</summary>
    internal Listener(
        EventLoop loop, Http3Context context, ServerState node, LoopConnections connections, ConnectionTable table,
        DatagramSocket socket, DatagramBatch received)
    {
        _loop = loop;
        _node = node;
        _socket = socket;
        _received = received;
        _messages = received.Capacity;
        _again = new ActionTimer(null, () => _readable = true);
        _host = new ConnectionHost(loop, (byte)loop.Index, context, node, connections, table, this);
        _token = loop.Watch(socket.Fd, EpollInterest.In | EpollInterest.Out | EpollInterest.EdgeTriggered, this);
        loop.AddPhase(this);
    }

    /// <inheritdoc/>
    public ITurnOwner? Owner => null;

    /// <summary>The address.</summary>
    internal IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public bool HasWork => !_blocked && (_host.HasWork || _outgoing.HasPending);

    /// <inheritdoc/>
    public IPacketSink Outgoing => _outgoing;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if ((events & (EpollInterest.In | EpollInterest.Error)) != 0)
            _readable = true;
        if ((events & EpollInterest.Out) != 0)
            _blocked = false;
    }

    /// <inheritdoc/>
    public bool Receive()
    {
        for (var left = BatchesPerTurn * _received.Capacity; _readable && left > 0; left -= _messages)
        {
            var count = _socket.Receive(_received, _messages);
            if (count < 0)
                OnError();
            else
                (_errors, _readable) = (0, !_received.Drained);
            for (var i = 0; i < count; i++)
                _host.Dispatch(_received.Local(i), _received.Remote(i), _received.Ecn(i), _received[i]);
            FollowSize();
            if (_readable && _messages < _received.Capacity)
                _loop.FlushEarly();
        }
        return _readable;
    }

    // An error is taken by being told, and packets may wait behind it; where nothing else comes it is the socket's own, and would come
    // for ever.
    private void OnError()
    {
        if (++_errors < MaxErrors)
            return;
        (_errors, _readable) = (0, false);
        _loop.Timers.Set(_again, _loop.Now + Pause);
    }

    /// <summary>
    /// Bulk comes in runs of up to 64 KiB that GRO merged, everything else in messages of one packet.
    /// </summary>
    private void FollowSize()
    {
        if (_received.MessageCount > 0)
            _messages = Math.Clamp(
                BytesAtATime / Math.Max(1, _received.Bytes / _received.MessageCount), 1, _received.Capacity);
    }

    /// <inheritdoc/>
    public bool Write()
    {
        if (_blocked)
            return false;
        if (_outgoing.HasPending && !Send())
            return false;
        _host.Write();
        if (_outgoing.HasPending)
            Send();
        return HasWork;
    }

    /// <inheritdoc/>
    public bool Send()
    {
        var (sent, fallbacks) = (_outgoing.PacketsSent, _socket.GsoFallbacks);
        var result = _outgoing.Flush(_socket);
        _loop.Counters.PacketsSent += _outgoing.PacketsSent - sent;
        _loop.Counters.ClientGsoFallbacks += _socket.GsoFallbacks - fallbacks;
        if (result != -Errno.EAGAIN)
            return true;
        _blocked = true;
        return false;
    }

    /// <inheritdoc/>
    public bool TryHandOver(
        ReadOnlySpan<byte> id, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet) =>
        _node.TryHandOver(this, _loop, id, local, remote, ecn, packet);

    /// <summary>Takes a packet that another loop's socket received.</summary>
    internal void Dispatch(in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet) =>
        _host.Dispatch(local, remote, ecn, packet);

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Timers.Clear(_again);
        _loop.Unwatch(_socket.Fd, _token);
        _socket.Dispose();
    }
}
