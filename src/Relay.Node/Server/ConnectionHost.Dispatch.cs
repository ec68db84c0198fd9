using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Server;

/// <content>What to do with a packet.</content>
internal sealed partial class ConnectionHost
{
    /// <summary>
    /// Packets of a connection that waited for its turn and are read in it, be there requests in them or not: more than a turn receives
    /// of one, so that who uploads behind its requests does not fall ever further behind.
    /// </summary>
    private const int HeldAtOnce = 1024;

    /// <summary>
    /// Answers of each kind a second to packets of no connection: each costs a packet and more, and whoever asks need not be where its
    /// address is. RFC 9000 §6.1: a server "MAY limit the number of Version Negotiation packets it sends".
    /// </summary>
    private const int AnswersPerSecond = 1000;

    /// <summary>The largest answer outside a connection: Version Negotiation with two connection IDs of 255 bytes.</summary>
    private const int AnswerSize = 544;

    /// <summary>Takes a packet that arrived, whosever it is.</summary>
    internal void Dispatch(in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet)
    {
        _loop.Counters.PacketsReceived++;
        Dispatch(local, remote, ecn, packet, hasWaited: false);
    }

    /// <summary>Takes a packet of a handshake that has waited for its turn.</summary>
    internal void DispatchHandshake(in HeldPacket held) =>
        Dispatch(held.Local, held.Remote, held.Ecn, held.Payload, hasWaited: true);

    private void Dispatch(
        in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet, bool hasWaited)
    {
        try
        {
            Take(local, remote, ecn, packet, hasWaited);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            OnDefect(packet, e);
        }
    }

    /// <summary>A defect of the relay costs the connection whose packet it is, or, where that is nobody's, the packet.</summary>
    private void OnDefect(ReadOnlySpan<byte> packet, Exception exception)
    {
        if (ConnectionIdLayout.TryReadDestination(packet, out var id) && id.Length <= ConnectionId.MaxLength
            && _table.Find(new ConnectionId(id)) is RelayConnection connection)
            connection.Client.OnDefect(exception);
        else
            OnDefect(exception);
    }

    private void Take(
        in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet, bool hasWaited)
    {
        if (!ConnectionIdLayout.TryReadDestination(packet, out var idBytes))
        {
            Discard(PacketDiscard.Unknown);
            return;
        }
        if (idBytes.Length > ConnectionId.MaxLength)
        {
            OnStranger(default, local, remote, ecn, packet, hasWaited);
            return;
        }

        var id = new ConnectionId(idBytes);
        switch (_table.Find(id))
        {
            case RelayConnection { State: QuicState.Handshaking } connection when !hasWaited:
                ReadHandshake(connection, local, remote, ecn, packet);
                break;
            case RelayConnection { State: not QuicState.Handshaking, HasItsFill: true } connection:
                Hold(connection, local, remote, ecn, packet);
                break;
            case RelayConnection connection when connection.IsFullFor(remote, packet.Length):
                Discard(PacketDiscard.Memory);
                break;
            case RelayConnection connection:
                Read(connection, local, remote, ecn, packet);
                break;
            case ClosedConnection closed:
                closed.OnPacket(_outgoing);
                break;
            default:
                if (!_port.TryHandOver(idBytes, local, remote, ecn, packet))
                    OnStranger(id, local, remote, ecn, packet, hasWaited);
                break;
        }
    }

    private void Read(
        RelayConnection connection, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet)
    {
        var requests = _context.Context.Requests;
        requests.BeginReading(connection.Client);
        _ = connection.Read(local, remote, ecn, packet, _loop.Now);
        connection.Weigh(packet.Length);
        requests.EndReading();
        // Even when it failed: its turn of writing says why.
        if (!connection.CanWait)
            MarkDirty(connection);
        else if (!connection.IsDirty)
            connection.Wait();
    }

    private void ReadHandshake(
        RelayConnection connection, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet)
    {
        if (_table.Waiting.TryBegin())
        {
            Read(connection, local, remote, ecn, packet);
            _table.Waiting.End();
            return;
        }
        var client = connection.Client;
        Queue(connection, client.IsAddressProven ? connection.SourceKey : null, new HeldPacket(local, remote, ecn, packet.ToArray()));
    }

    private void Queue(RelayConnection? connection, ulong? provenSource, in HeldPacket packet)
    {
        if (!_table.Waiting.TryAdd(new WaitingHandshake(this, connection, provenSource, packet)))
            Discard(PacketDiscard.Handshakes);
    }

    /// <summary>
    /// Requests that come at once are begun a few a turn, so that other connections have their turns between them. QUIC is
    /// slowed by that as by a queue on its path: what waits is not acknowledged.
    /// </summary>
    private void Hold(
        RelayConnection connection, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet)
    {
        // First what may fail for want of memory: who holds packets and does not wait is never read again.
        var goOn = connection.GoOn ??= CreateGoOn(connection);
        if (!connection.TryHold(local, remote, ecn, packet, out var isFirst))
            Discard(PacketDiscard.Requests);
        else if (isFirst)
            Wait(connection, goOn);
    }

    private Action CreateGoOn(RelayConnection connection) => () => ReadHeld(connection);

    private void Wait(RelayConnection connection, Action goOn)
    {
        try
        {
            _context.Context.Requests.Wait(connection.Client, goOn);
        }
        catch (OutOfMemoryException)
        {
            connection.DropHeld();
            throw;
        }
    }

    private void ReadHeld(RelayConnection connection)
    {
        connection.BeginTurn();
        try
        {
            for (var left = HeldAtOnce; left > 0 && connection.TryTakeHeld(out var held); left--)
            {
                // What has waited is no less than what has not.
                if (connection.IsFullFor(held.Remote, held.Payload.Length))
                    Discard(PacketDiscard.Memory);
                else
                    Read(connection, held.Local, held.Remote, held.Ecn, held.Payload);
                if (!_context.Context.Requests.GoesOn)
                    break;
            }
        }
        finally
        {
            // Also where there was no memory for one of them: nobody else would go on.
            if (connection.IsHolding)
                Wait(connection, connection.GoOn!);
        }
    }

    private void OnStranger(
        in ConnectionId id, in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet,
        bool hasWaited)
    {
        var secret = _context.Parameters.StaticSecret.Span;
        switch (QuicPackets.Classify(packet, secret, remote, out var initial))
        {
            case PacketKind.Initial when !initial.TokenValid && (IsCrowded || _context.Context.Memory.IsCrowded || (!hasWaited && _table.Waiting.IsCrowded)):
                Retry(initial, local, remote, secret);
                break;
            case PacketKind.Initial when hasWaited:
                Accept(initial, local, remote, ecn, packet);
                break;
            case PacketKind.Initial when _table.Waiting.TryBegin():
                Accept(initial, local, remote, ecn, packet);
                _table.Waiting.End();
                break;
            case PacketKind.Initial:
                Queue(null, initial.TokenValid ? SourceKey.Of(remote) : null, new HeldPacket(local, remote, ecn, packet.ToArray()));
                break;
            case PacketKind.InvalidToken when _invalidTokens.TryTake(_loop.Now):
                Answer(QuicPackets.WriteInvalidToken(_outgoing.Reserve(AnswerSize), initial), local, remote);
                break;
            case PacketKind.UnsupportedVersion when _negotiations.TryTake(_loop.Now):
                _loop.Counters.VersionNegotiationsSent++;
                Answer(QuicPackets.WriteVersionNegotiation(_outgoing.Reserve(AnswerSize), initial), local, remote);
                break;
            case PacketKind.Unknown when !ConnectionIdLayout.IsLongHeader(packet) && _resets.TryTake(_loop.Now):
                _loop.Counters.StatelessResetsSent++;
                Answer(
                    QuicPackets.WriteStatelessReset(
                        _outgoing.Reserve(AnswerSize), packet.Length, _context.Parameters.ResetSecret.Span, id),
                    local, remote);
                break;
            default:
                Discard(PacketDiscard.Unknown);
                break;
        }
    }

    private void Discard(PacketDiscard reason) => _loop.Counters.Discarded[(int)reason]++;

    /// <summary>Handshakes that failed, or were lost, at once count as well: a flood of them is never pending.</summary>
    private bool IsCrowded => _table.Handshakes + _table.FailedHandshakes >= _context.RetryThreshold;

    private void Retry(
        in InitialPacket initial, in SocketEndpoint local, in SocketEndpoint remote, ReadOnlySpan<byte> secret)
    {
        Span<byte> idBytes = stackalloc byte[ConnectionIdLayout.Length];
        CreateId(idBytes);
        _loop.Counters.RetriesSent++;
        Answer(
            QuicPackets.WriteRetry(_outgoing.Reserve(AnswerSize), initial, new ConnectionId(idBytes), secret, remote),
            local, remote);
    }

    private void Accept(
        in InitialPacket initial, in SocketEndpoint local, in SocketEndpoint remote, byte ecn,
        ReadOnlySpan<byte> packet)
    {
        var source = SourceKey.Of(remote);
        var verdict = _node.AdmitConnection(source, initial.TokenValid);
        if (verdict == ConnectionVerdict.ProofNeeded)
        {
            Retry(initial, local, remote, _context.Parameters.StaticSecret.Span);
            return;
        }
        if (verdict == ConnectionVerdict.Refused)
        {
            _loop.Counters.ConnectionsRefused++;
            Answer(
                QuicPackets.WriteRefusal(_outgoing.Reserve(AnswerSize), initial, QuicTransportError.ConnectionRefused),
                local, remote);
            return;
        }

        Span<byte> idBytes = stackalloc byte[ConnectionIdLayout.Length];
        CreateId(idBytes);
        var id = new ConnectionId(idBytes);
        RelayConnection? connection = null;
        try
        {
            connection = new RelayConnection(
                _context, _node.Identity, this, initial, id, local, remote);
            connection.Client.IsAddressProven = initial.TokenValid;
            // Once it is in both lists, whatever fails is found by its turn of writing, and to ask for one needs no memory.
            _connections.Open.Add(connection.Client);
            _dirty.EnsureCapacity(_connections.Open.Count);
            _writing.EnsureCapacity(_connections.Open.Count);
            MarkDirty(connection);
        }
        // Another thread may replace and dispose the identity at this moment: the client will try again.
        catch (Exception e)
        {
            _node.ReleaseConnection(source, initial.TokenValid);
            if (connection is not null)
            {
                _connections.Open.Remove(connection.Client);
                connection.Dispose();
            }
            if (e is not ObjectDisposedException)
                throw;
            return;
        }

        _connections.OnAccepted();
        _table.Handshakes++;
        AddId(id, connection);
        // The client keeps using the ID that it chose until it has heard of the relay's.
        AddId(initial.DestinationId, connection);
        // A ClientHello that began in a packet which has been overtaken is buffered only for a proven address.
        if (!connection.Read(local, remote, ecn, packet, _loop.Now))
            Retry(initial, local, remote, _context.Parameters.StaticSecret.Span);
        MarkDirty(connection);
    }

    private void Answer(int length, in SocketEndpoint local, in SocketEndpoint remote)
    {
        if (length == 0)
            return;
        _outgoing.Commit(length, remote, local, 0);
        _outgoing.CloseRun();
    }
}
