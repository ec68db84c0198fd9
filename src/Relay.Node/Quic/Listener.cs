using System.Net;
using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Quic;

/// <summary>
/// One bind address of one loop: receives packets, finds or accepts their connection, and gives every connection that
/// has something to say its turn of writing.
/// </summary>
internal sealed partial class Listener : ILoopPhase, IReadiness, IConnectionHost, IDisposable
{
    /// <summary>Batches received in one turn: enough to keep up, few enough to be fair to the other phases.</summary>
    private const int BatchesPerTurn = 4;

    private readonly EventLoop _loop;
    private readonly ConnectionContext _context;
    private readonly NodeState _node;
    private readonly DatagramSocket _socket;
    private readonly DatagramBatch _received;
    private readonly SendBatch _outgoing = new();
    private readonly ConnectionTable _connections;
    private readonly ulong _token;
    private List<RelayConnection> _dirty = [];
    private List<RelayConnection> _writing = [];
    private bool _readable = true;
    private bool _blocked;

    /// <summary>Takes over a bound socket.</summary>
    internal Listener(
        EventLoop loop, ConnectionContext context, NodeState node, ConnectionTable connections,
        DatagramSocket socket, DatagramBatch received)
    {
        _loop = loop;
        _context = context;
        _node = node;
        _connections = connections;
        _socket = socket;
        _received = received;
        _token = loop.Watch(socket.Fd, EpollInterest.In | EpollInterest.Out | EpollInterest.EdgeTriggered, this);
        loop.AddPhase(this);
    }

    /// <summary>The address.</summary>
    internal IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public bool HasWork => !_blocked && (_dirty.Count > 0 || _outgoing.HasPending);

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
        for (var turn = 0; _readable && turn < BatchesPerTurn; turn++)
        {
            var count = _socket.Receive(_received);
            if (_received.Drained || count < 0)
                _readable = false;
            for (var i = 0; i < count; i++)
                Dispatch(_received.Local(i), _received.Remote(i), _received.Ecn(i), _received[i]);
        }
        return _readable;
    }

    /// <inheritdoc/>
    public bool Write()
    {
        if (_blocked)
            return false;
        if (_outgoing.HasPending && !Send())
            return false;
        (_dirty, _writing) = (_writing, _dirty);
        for (var i = 0; i < _writing.Count; i++)
        {
            var connection = _writing[i];
            connection.IsDirty = false;
            Write(connection);
        }
        _writing.Clear();
        if (_outgoing.HasPending)
            Send();
        return HasWork;
    }

    /// <inheritdoc/>
    public void MarkDirty(RelayConnection connection)
    {
        if (connection.IsDirty)
            return;
        connection.IsDirty = true;
        _dirty.Add(connection);
    }

    /// <inheritdoc/>
    public void AddId(in ConnectionId id, RelayConnection connection)
    {
        _connections.Add(id, connection);
        connection.Ids.Add(id);
    }

    /// <inheritdoc/>
    public void RemoveId(in ConnectionId id)
    {
        if (_connections.Find(id) is RelayConnection connection)
            connection.Ids.Remove(id);
        _connections.Remove(id);
    }

    /// <inheritdoc/>
    public void CreateId(Span<byte> destination)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        ConnectionIdLayout.Write(destination, (byte)_loop.Index, _node.NodeId, random);
    }

    /// <inheritdoc/>
    public void OnDefect(Exception exception) => _node.OnDefect(exception);

    /// <inheritdoc/>
    public void OnEstablished(RelayConnection connection)
    {
        _loop.Counters.HandshakesPending--;
        _node.OnEstablished(_loop.Index);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Unwatch(_socket.Fd, _token);
        _socket.Dispose();
    }

    private void Write(RelayConnection connection)
    {
        while (connection.State is QuicState.Handshaking or QuicState.Open)
        {
            switch (connection.WriteTurn(_outgoing, _loop.Now))
            {
                case QuicWriteResult.SinkFull when Send():
                    continue;
                case QuicWriteResult.SinkFull:
                    MarkDirty(connection);
                    return;
                case QuicWriteResult.Quantum:
                    connection.RotateLine();
                    MarkDirty(connection);
                    return;
                default:
                    if (connection.State is QuicState.Handshaking or QuicState.Open)
                        return;
                    break;
            }
        }
        Finish(connection);
    }

    /// <summary>Sends what was written.</summary>
    /// <returns>False when the socket's buffer is full; it goes on when there is room.</returns>
    private bool Send()
    {
        if (_outgoing.Flush(_socket) != -Errno.EAGAIN)
            return true;
        _blocked = true;
        return false;
    }

    /// <summary>The connection has ended: says so to the client, and keeps what must be kept for three probe timeouts.</summary>
    private void Finish(RelayConnection connection)
    {
        if (!_connections.Open.Remove(connection))
            return;
        byte[] packet = [];
        SocketEndpoint local = default, remote = default;
        if (connection.State == QuicState.Closing && _outgoing.Reserve(1200) is { IsEmpty: false } buffer)
        {
            var length = connection.WriteClose(buffer[..1200], _loop.Now, out local, out remote);
            if (length > 0)
            {
                packet = buffer[..length].ToArray();
                _outgoing.Commit(length, remote, local, 0);
                _outgoing.CloseRun();
            }
        }

        if (connection.State == QuicState.Lost)
        {
            foreach (var id in connection.Ids)
                _connections.Remove(id);
        }
        else
        {
            var closed = new ClosedConnection(_connections, [.. connection.Ids], packet, local, remote);
            foreach (var id in connection.Ids)
                _connections.Add(id, closed);
            _loop.Timers.Set(closed, _loop.Now + (3 * connection.ProbeTimeout));
        }

        _loop.Counters.ConnectionsActive--;
        if (!connection.IsEstablished)
        {
            _loop.Counters.HandshakesPending--;
            _loop.Counters.HandshakesFailed++;
        }
        _node.OnConnectionEnded(connection);
        connection.Dispose();
    }
}
