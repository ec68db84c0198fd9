using Relay.Native.Linux;
using Relay.Native.Quic;

namespace Relay.Load.Client;

/// <content>Packets of QUIC, in and out.</content>
internal sealed partial class ClientLoop
{
    private const int BatchedReceive = 8;
    private const ulong UnreachableSilence = 3_000_000_000;

    private readonly DatagramBatch _receive;
    private readonly Stack<SendBatch> _spareBatches = new();
    private SendBatch _send;

    /// <summary>What packets leave by; another one where a socket had no room.</summary>
    internal SendBatch Sending => _send;

    public void OnWritable(QuicClientConnection connection)
    {
        if (connection.Stuck is not { } batch || batch.Flush(connection.Socket.Socket) != 0)
            return;
        connection.Stuck = null;
        _spareBatches.Push(batch);
        connection.Socket.WaitForRoom(false);
        MarkDirty(connection);
    }

    /// <summary>One call, so that acknowledgements leave between calls.</summary>
    internal void ReadPackets(QuicClientConnection connection, QuicSocket socket)
    {
        var count = socket.Socket.Receive(_receive);
        for (var i = 0; i < count; i++)
            connection.Http.Read(in connection.LocalEndpoint, in _relay, _receive.Ecn(i), _receive[i], Now);
        if (count > 0)
            connection.HeardAt = Now;
        else if (count < 0)
            OnSocketError(connection, -count);
        if (!_receive.Drained)
            QueueRead(socket);
        MarkDirty(connection);
    }

    internal void WritePackets(QuicClientConnection connection)
    {
        QuicWriteResult result;
        do
        {
            connection.PrepareWrite();
            result = connection.Http.Write(_send, Now);
            if (!Flush(connection))
                return;
        }
        while (result == QuicWriteResult.SinkFull);

        if (result == QuicWriteResult.Ended)
        {
            Finish(connection, tell: true);
            return;
        }
        if (result == QuicWriteResult.Quantum)
            MarkDirty(connection);
        Timers.Set(connection.Timer, connection.Http.Expiry);
    }

    internal void EndPackets(QuicClientConnection connection)
    {
        if (connection.Http.State == QuicState.Closing && connection.Stuck is null)
            SendClose(connection);
        Timers.Clear(connection.Timer);
    }

    /// <summary>
    /// Before the handshake nobody is there. Later one such error may be a restart, or somebody else's word
    /// (RFC 9000 §14.2.1), and only silence that goes with it is believed.
    /// </summary>
    private void OnSocketError(QuicClientConnection connection, int errno)
    {
        if (connection.HandshakeDone && Now - connection.HeardAt < UnreachableSilence)
            return;
        connection.SocketError = errno;
        Finish(connection, tell: true);
    }

    /// <summary>False when the socket has no room: the connection keeps the batch, the loop takes another.</summary>
    private bool Flush(QuicClientConnection connection)
    {
        // What is too large for the path is dropped: of the sizes that path MTU discovery tries, some must be.
        if (!_send.HasPending)
            return true;
        if (_send.Flush(connection.Socket.Socket) == 0)
            return true;
        connection.Stuck = _send;
        _send = _spareBatches.TryPop(out var spare) ? spare : NewBatch();
        connection.Socket.WaitForRoom(true);
        return false;
    }

    private SendBatch NewBatch() => new() { Singly = Config.Profile == ClientProfile.Plain };

    private void SendClose(QuicClientConnection connection)
    {
        const int CloseLength = 1200;
        var length = connection.Http.WriteClose(_send.Reserve(CloseLength), Now, out var local, out var remote);
        if (length == 0)
            return;
        _send.Commit(length, in remote, in local, 0);
        _send.CloseRun();
        // A close that the socket has no room for is a lost packet.
        if (!Flush(connection) && connection.Stuck is not null)
            connection.Stuck = null;
    }
}
