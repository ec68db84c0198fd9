using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Http3;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>
/// One loop's QUIC connections by their IDs: those of the relay, and the first one that each client chose.
/// </summary>
/// <param name="loop">The loop.</param>
internal sealed class ConnectionTable(ILoop loop)
{
    private readonly Dictionary<ConnectionId, object> _byId = [];
    private ConnectionId _lastId;
    private object? _last;

    /// <summary>Packets of handshakes that wait.</summary>
    internal HandshakeQueue Waiting { get; } = new(loop);

    /// <summary>Handshakes under way.</summary>
    internal int Handshakes { get; set; }

    /// <summary>A <see cref="RelayConnection"/>, a <see cref="ClosedConnection"/>, or null.</summary>
    internal object? Find(in ConnectionId id)
    {
        // Packets come in runs: a GRO batch is one connection's.
        if (_last is not null && _lastId == id)
            return _last;
        if (!_byId.TryGetValue(id, out var found))
            return null;
        (_lastId, _last) = (id, found);
        return found;
    }

    internal void Add(in ConnectionId id, object connection)
    {
        _byId[id] = connection;
        _last = null;
    }

    internal void Remove(in ConnectionId id)
    {
        _byId.Remove(id);
        _last = null;
    }

    /// <summary>Closed connections in the table whose handshake was never completed.</summary>
    internal int FailedHandshakes { get; set; }

    /// <summary>How many IDs lead to a connection.</summary>
    internal int IdCount => _byId.Count;
}

/// <summary>
/// What is left of a closed connection (RFC 9000 §10.2): for three probe timeouts its IDs still lead here, and the
/// CONNECTION_CLOSE is repeated, ever more rarely, to a peer that has not heard it.
/// </summary>
/// <param name="table">The table that its IDs are in.</param>
/// <param name="ids">Its IDs.</param>
/// <param name="packet">CONNECTION_CLOSE; empty while draining, when nothing may be sent.</param>
/// <param name="local">The address to answer from.</param>
/// <param name="remote">The address to answer to.</param>
internal sealed class ClosedConnection(
    ConnectionTable table, ConnectionId[] ids, byte[] packet, SocketEndpoint local, SocketEndpoint remote) : LoopTimer
{
    private uint _received;

    /// <inheritdoc/>
    public override ITurnOwner? Owner => null;

    /// <summary>Whether its handshake was never completed.</summary>
    internal bool IsFailedHandshake { get; init; }

    /// <summary>Answers a packet, or not.</summary>
    internal void OnPacket(IPacketSink sink)
    {
        // RFC 9000 §10.2.1: "an endpoint … SHOULD limit the rate": at the 1st, 2nd, 4th, 8th … packet.
        _received++;
        if (packet.Length == 0 || !System.Numerics.BitOperations.IsPow2(_received))
            return;
        var buffer = sink.Reserve(packet.Length);
        if (buffer.IsEmpty)
            return;
        packet.CopyTo(buffer);
        sink.Commit(packet.Length, remote, local, 0);
        sink.CloseRun();
    }

    internal override void Fire()
    {
        foreach (var id in ids)
            table.Remove(id);
        if (IsFailedHandshake)
            table.FailedHandshakes--;
    }
}
