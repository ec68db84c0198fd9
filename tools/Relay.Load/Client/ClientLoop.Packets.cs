using Relay.Load.Loop;
using Relay.Native.Linux;
using Relay.Native.Quic;

namespace Relay.Load.Client;

/// <content>Packets in and out.</content>
internal sealed partial class ClientLoop
{
    private const int ReceiveMessages = 8;
    private const ulong UnreachableSilence = 3_000_000_000;

    private readonly DatagramBatch _receive = new(ReceiveMessages);
    private readonly RingQueue<ClientSocket> _readable = new();
    private readonly Stack<SendBatch> _spareBatches = new();
    private SendBatch _send = new();
    private List<ClientConnection> _dirty = [];
    private List<ClientConnection> _writing = [];

    public void QueueRead(ClientSocket socket)
    {
        if (socket.Queued)
            return;
        socket.Queued = true;
        _readable.Enqueue(socket);
    }

    public void MarkDirty(ClientConnection connection)
    {
        if (connection.Dirty || connection.IsEnded)
            return;
        connection.Dirty = true;
        _dirty.Add(connection);
    }

    public void OnWritable(ClientConnection connection)
    {
        if (connection.Stuck is not { } batch || batch.Flush(connection.Socket.Socket) != 0)
            return;
        connection.Stuck = null;
        _spareBatches.Push(batch);
        connection.Socket.WaitForRoom(false);
        MarkDirty(connection);
    }

    /// <summary>One batch from each socket, so that acknowledgements leave between batches.</summary>
    private void ReadSockets()
    {
        for (var left = _readable.Count; left > 0; left--)
        {
            var socket = _readable.Dequeue();
            socket.Queued = false;
            if (socket.Connection is not { IsEnded: false } connection)
                continue;
            var count = socket.Socket.Receive(_receive);
            for (var i = 0; i < count; i++)
                connection.Read(in connection.LocalEndpoint, in _relay, _receive.Ecn(i), _receive[i], Now);
            if (count > 0)
                connection.HeardAt = Now;
            else if (count < 0)
                OnSocketError(connection, -count);
            if (!_receive.Drained)
                QueueRead(socket);
            MarkDirty(connection);
        }
    }

    /// <summary>
    /// Before the handshake nobody is there. Later one such error may be a restart, or somebody else's word
    /// (RFC 9000 §14.2.1), and only silence that goes with it is believed.
    /// </summary>
    private void OnSocketError(ClientConnection connection, int errno)
    {
        if (connection.HandshakeDone && Now - connection.HeardAt < UnreachableSilence)
            return;
        connection.SocketError = errno;
        Finish(connection, tell: true);
    }

    private void WriteConnections()
    {
        (_dirty, _writing) = (_writing, _dirty);
        foreach (var connection in _writing)
        {
            connection.Dirty = false;
            if (!connection.IsEnded && connection.Stuck is null)
                Write(connection);
        }
        _writing.Clear();
    }

    private void Write(ClientConnection connection)
    {
        QuicWriteResult result;
        do
        {
            connection.ResumeStreams();
            result = connection.Write(_send, Now);
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
        _timers.Set(connection.Timer, connection.Expiry);
    }

    /// <summary>False when the socket has no room: the connection keeps the batch, the loop takes another.</summary>
    private bool Flush(ClientConnection connection)
    {
        // What is too large for the path is dropped: of the sizes that path MTU discovery tries, some must be.
        if (!_send.HasPending)
            return true;
        if (_send.Flush(connection.Socket.Socket) == 0)
            return true;
        connection.Stuck = _send;
        _send = _spareBatches.TryPop(out var spare) ? spare : new SendBatch();
        connection.Socket.WaitForRoom(true);
        return false;
    }

    private void Finish(ClientConnection connection, bool tell)
    {
        if (connection.IsEnded)
            return;
        if (connection.State == QuicState.Closing && connection.Stuck is null)
            SendClose(connection);
        _timers.Clear(connection.Timer);
        _connections.Remove(connection);
        if (tell)
            _workload.OnConnectionEnded(connection);
        connection.Dispose();
    }

    private void SendClose(ClientConnection connection)
    {
        const int CloseLength = 1200;
        var length = connection.WriteClose(_send.Reserve(CloseLength), Now, out var local, out var remote);
        if (length == 0)
            return;
        _send.Commit(length, in remote, in local, 0);
        _send.CloseRun();
        // A close that the socket has no room for is a lost packet.
        if (!Flush(connection) && connection.Stuck is not null)
            connection.Stuck = null;
    }
}
