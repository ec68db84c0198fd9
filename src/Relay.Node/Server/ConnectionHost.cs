using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Server;

/// <summary>
/// Finds or accepts the connection of each packet, and gives every connection that has something to say its turn of
/// writing. It touches no socket: a listener, or a test, carries its packets.
/// </summary>
internal sealed partial class ConnectionHost : IConnectionHost
{
    /// <summary>Quanta that a connection may write in one turn when no other one wants to: 256 KB.</summary>
    private const int QuantaAlone = 4;

    private readonly ILoop _loop;
    private readonly byte _loopIndex;
    private readonly Http3Context _context;
    private readonly ServerState _node;
    private readonly LoopConnections _connections;
    private readonly ConnectionTable _table;
    private readonly IPacketPort _port;
    private readonly IPacketSink _outgoing;
    private readonly AnswerLimit _resets = new(AnswersPerSecond);
    private readonly AnswerLimit _negotiations = new(AnswersPerSecond);
    private readonly AnswerLimit _invalidTokens = new(AnswersPerSecond);
    private List<RelayConnection> _dirty = [];
    private List<RelayConnection> _writing = [];

    /// <summary>Hosts the connections of one port of one loop.</summary>
    /// <param name="loop">Clock, timers, counters.</param>
    /// <param name="loopIndex">The loop's number: the first byte of its connection IDs.</param>
    /// <param name="context">What the loop's HTTP/3 connections share.</param>
    /// <param name="node">What the node's loops share.</param>
    /// <param name="connections">The loop's connections.</param>
    /// <param name="table">Those of them over QUIC, by ID.</param>
    /// <param name="port">Carries the packets.</param>
    internal ConnectionHost(
        ILoop loop, byte loopIndex, Http3Context context, ServerState node, LoopConnections connections,
        ConnectionTable table, IPacketPort port)
    {
        _loop = loop;
        _loopIndex = loopIndex;
        _context = context;
        _node = node;
        _connections = connections;
        _table = table;
        _port = port;
        _outgoing = port.Outgoing;
    }

    /// <summary>Whether a connection waits for its turn of writing.</summary>
    internal bool HasWork => _dirty.Count > 0;

    /// <summary>Gives every connection that asked for it one turn of writing.</summary>
    internal void Write()
    {
        (_dirty, _writing) = (_writing, _dirty);
        _connections.BeginTurn();
        for (var i = 0; i < _writing.Count; i++)
        {
            var connection = _writing[i];
            connection.IsDirty = false;
            try
            {
                Write(connection);
            }
            catch (Exception e)
            {
                // Its timer may not be set: it has another turn, unless that was its end.
                if (e is not OutOfMemoryException memory)
                    connection.Client.OnDefect(e);
                else
                    _loop.OnOutOfMemory(memory);
                if (connection.Client.Slot >= 0)
                    MarkDirty(connection);
            }
        }
        _writing.Clear();
    }

    /// <inheritdoc/>
    public void MarkDirty(RelayConnection connection)
    {
        if (connection.IsDirty)
            return;
        _dirty.Add(connection);
        connection.IsDirty = true;
    }

    /// <inheritdoc/>
    public void AddId(in ConnectionId id, RelayConnection connection)
    {
        // In this order: what is in the table and not among its IDs would lead to a connection that is gone.
        connection.Ids.Add(id);
        _table.Add(id, connection);
    }

    /// <inheritdoc/>
    public void RemoveId(in ConnectionId id)
    {
        if (_table.Find(id) is RelayConnection connection)
            connection.Ids.Remove(id);
        _table.Remove(id);
    }

    /// <inheritdoc/>
    public void CreateId(Span<byte> destination)
    {
        Span<byte> random = stackalloc byte[ConnectionIdLayout.RandomLength];
        do
        {
            RandomNumberGenerator.Fill(random);
            ConnectionIdLayout.Write(destination, _loopIndex, _node.NodeId, random);
        }
        // A hundred thousand connections have some million of the 2^32 there are.
        while (_table.Find(new ConnectionId(destination[..ConnectionIdLayout.Length])) is not null);
    }

    /// <inheritdoc/>
    public void OnDefect(Exception exception) => _loop.OnFailure(exception);

    /// <inheritdoc/>
    public void OnEstablished(RelayConnection connection)
    {
        _connections.OnEstablished(connection.Client);
        _table.Handshakes--;
    }

    private void Write(RelayConnection connection)
    {
        // Alone, a connection has the whole send batch, as far as its pacer lets it; with others, a quantum each.
        var quanta = _writing.Count == 1 ? QuantaAlone : 1;
        while (connection.State is QuicState.Handshaking or QuicState.Open)
        {
            switch (connection.WriteTurn(_outgoing, _loop.Now))
            {
                case QuicWriteResult.SinkFull when _port.Send():
                    continue;
                case QuicWriteResult.SinkFull:
                    MarkDirty(connection);
                    return;
                case QuicWriteResult.Quantum when --quanta > 0:
                    continue;
                case QuicWriteResult.Quantum:
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

    /// <summary>
    /// The connection has ended: says so to the client, and keeps what must be kept for three probe timeouts.
    /// </summary>
    private void Finish(RelayConnection connection)
    {
        if (connection.Client.Slot < 0)
            return;
        if (connection.TryBeginEnd())
        {
            if (!connection.Client.IsEstablished)
                _table.Handshakes--;
            Part(connection);
        }
        if (!_connections.TryEnd(connection.Client))
        {
            MarkDirty(connection);
            return;
        }
        _connections.Open.Remove(connection.Client);
        _connections.OnEnded(connection.Client);
    }

    private void Part(RelayConnection connection)
    {
        try
        {
            SayFarewell(connection);
        }
        catch
        {
            // Whatever comes for it is a stranger's; its end has another turn.
            foreach (var id in connection.Ids)
                _table.Remove(id);
            throw;
        }
    }

    private void SayFarewell(RelayConnection connection)
    {
        byte[] packet = [];
        SocketEndpoint local = default, remote = default;
        var buffer = _outgoing.Reserve(1200);
        if (buffer.IsEmpty && _port.Send())
            buffer = _outgoing.Reserve(1200);
        if (connection.State == QuicState.Closing && !buffer.IsEmpty)
        {
            var length = connection.WriteClose(buffer[..1200], _loop.Now, out local, out remote);
            if (length > 0)
            {
                packet = buffer[..length].ToArray();
                _outgoing.Commit(length, remote, local, 0);
                _outgoing.CloseRun();
            }
        }

        Remember(connection, packet, local, remote);
    }

    /// <summary>
    /// For three probe timeouts the IDs of a connection that was closed still lead to its CONNECTION_CLOSE, and a
    /// handshake that was never completed counts: also one that is lost without a word, as by an Initial packet without
    /// the beginning of a ClientHello, since a forger pays no more for it and the relay no less.
    /// </summary>
    private void Remember(
        RelayConnection connection, byte[] packet, in SocketEndpoint local, in SocketEndpoint remote)
    {
        ConnectionId[] ids = [.. connection.Ids];
        if (connection.State == QuicState.Lost)
        {
            foreach (var id in ids)
                _table.Remove(id);
            if (connection.Client.IsEstablished)
                return;
            ids = [];
        }
        var closed = new ClosedConnection(_table, ids, packet, local, remote)
        {
            IsFailedHandshake = !connection.Client.IsEstablished,
        };
        // First what may fail for want of memory: what no timer ends is kept for ever.
        _loop.Timers.Set(closed, _loop.Now + (3 * connection.ProbeTimeout));
        if (closed.IsFailedHandshake)
            _table.FailedHandshakes++;
        foreach (var id in ids)
            _table.Add(id, closed);
    }
}
