using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Streams;

namespace Relay.Node.Server;

/// <summary>
/// Accepts the TCP connections of one loop, and gives every one that has something to read or to write its turn.
/// </summary>
internal sealed partial class StreamHost : ILoopPhase, IStreamHost, IDisposable
{
    /// <summary>Sockets that wait for their client's end, on a loop.</summary>
    private const int MaxLingering = 1024;

    private readonly EventLoop _loop;
    private readonly StreamContext _context;
    private readonly ServerState _node;
    private readonly LoopConnections _connections;
    private readonly PendingHandshakes _pending;
    private readonly TurnShare _accepts, _handshakes, _reads;
    private readonly HashSet<LingeringSocket> _lingering = [];
    private readonly ActionTimer _resume;
    private readonly List<StreamListener> _listeners = [];
    private List<StreamConnection> _reading = [], _writing = [], _turn = [];
    private int _open;
    private ActionTimer? _farewell;

    /// <summary>Hosts nothing yet.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="context">What its connections share.</param>
    /// <param name="node">What the node's loops share.</param>
    /// <param name="connections">The loop's connections.</param>
    /// <param name="pending">Handshakes that are under way.</param>
    /// <param name="clock">By which accepting, handshakes and reading have their shares of each turn: the loop, or a test's.</param>
    internal StreamHost(
        EventLoop loop, StreamContext context, ServerState node, LoopConnections connections,
        PendingHandshakes pending, ILoop clock)
    {
        (_loop, _context, _node, _connections) = (loop, context, node, connections);
        _pending = pending;
        (_accepts, _handshakes, _reads) = (new TurnShare(clock), new TurnShare(clock), new TurnShare(clock));
        _resume = new ActionTimer(null, Resume);
        loop.AddPhase(this);
    }

    /// <inheritdoc/>
    public bool HasWork => _reading.Count > 0 || _late.Count > 0 || _writing.Count > 0 || _listeners.Exists(static one => one.IsReady);

    /// <summary>Accepts on one more socket, which it owns.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="altSvcPort">Where clients have HTTP/3; null for the socket's own port, 0 to say nothing of it.</param>
    /// <returns>What accepts on it.</returns>
    internal StreamListener Listen(StreamSocket socket, int? altSvcPort = null)
    {
        var port = altSvcPort ?? socket.LocalEndPoint.Port;
        // RFC 7838 §3: an empty host is the one that the client has.
        var altSvc = port == 0 ? null : $"h3=\":{port}\"";
        var listener = new StreamListener(_loop, socket, accepted => Accept(accepted, altSvc));
        _listeners.Add(listener);
        return listener;
    }

    /// <inheritdoc/>
    public bool Write()
    {
        TakeTurns(ref _writing);
        _connections.BeginTurn();
        foreach (var connection in _turn)
        {
            connection.IsWriting = false;
            Write(connection, _turn.Count);
        }
        _turn.Clear();
        return _writing.Count > 0;
    }

    /// <inheritdoc/>
    public void RequestRead(StreamConnection connection)
    {
        if (connection.IsReading)
            return;
        _reading.Add(connection);
        connection.IsReading = true;
    }

    /// <inheritdoc/>
    public void RequestWrite(StreamConnection connection)
    {
        if (connection.IsWriting)
            return;
        _writing.Add(connection);
        connection.IsWriting = true;
    }

    /// <inheritdoc/>
    public void OnEstablished(StreamConnection connection)
    {
        _pending.Remove(connection);
        _connections.OnEstablished(connection.Client);
    }

    /// <inheritdoc/>
    public void Linger(StreamSocket socket)
    {
        if (_lingering.Count >= MaxLingering)
        {
            socket.Dispose();
            return;
        }
        try
        {
            _lingering.Add(new LingeringSocket(_loop, socket, OnLeft));
        }
        catch (SocketSystemException)
        {
            // The kernel watches no more: then it is closed at once.
            socket.Dispose();
        }
    }

    /// <summary>
    /// Does something once no connection is left, and no client that may have yet to hear the last word; or after a while.
    /// </summary>
    internal void WhenLeft(Action action)
    {
        _farewell = new ActionTimer(null, action);
        _loop.Timers.Set(_farewell, _loop.Now + _context.Context.Timeouts.Silence.Farewell);
        OnLeft();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
        foreach (var socket in _lingering.ToArray())
            socket.Close();
    }

    private void OnLeft(LingeringSocket closed)
    {
        _lingering.Remove(closed);
        OnLeft();
    }

    /// <summary>Something is gone, perhaps the last that was waited for.</summary>
    private void OnLeft()
    {
        if (_farewell is { IsWaiting: true } && _open == 0 && _lingering.Count == 0)
            _loop.Timers.Set(_farewell, _loop.Now);
    }

    /// <summary>Those that wait become the turn; whoever asks during it waits for the next.</summary>
    private void TakeTurns(ref List<StreamConnection> waiting) => (_turn, waiting) = (waiting, _turn);

    private void Write(StreamConnection connection, int among)
    {
        try
        {
            if (connection.WriteTurn(among))
                RequestWrite(connection);
            connection.Client.CountMemory(connection.Unconsumed);
        }
        catch (Exception e)
        {
            connection.Client.OnDefect(e);
        }
        if (connection.State != StreamState.Over)
            return;
        try
        {
            Finish(connection);
        }
        catch (Exception e)
        {
            connection.Client.OnDefect(e);
        }
    }

    private void Accept(StreamSocket socket, string? altSvc)
    {
        var source = SourceKey.Of(socket.Remote);
        StreamConnection? connection = null;
        var admitted = false;
        try
        {
            // Whoever completes TCP's handshake has its address.
            admitted = _node.AdmitConnection(source, proven: true) == ConnectionVerdict.Admitted;
            if (!admitted)
            {
                _loop.Counters.ConnectionsRefused++;
                socket.Abort();
                return;
            }
            connection = new StreamConnection(_context, _node.Identity.Tls, this, altSvc, socket);
            connection.Client.IsAddressProven = true;
            _connections.Open.Add(connection.Client);
            // What asks for a turn needs no memory for it.
            foreach (var list in (ReadOnlySpan<List<StreamConnection>>)[_reading, _writing, _turn])
                list.EnsureCapacity(_connections.Open.Count);
            connection.Token = _loop.Watch(
                connection.Fd,
                EpollInterest.In | EpollInterest.Out | EpollInterest.RdHup | EpollInterest.EdgeTriggered, connection);
            _pending.Add(connection);
        }
        catch (Exception e)
        {
            if (admitted)
                _node.ReleaseConnection(source, proven: true);
            Discard(connection, socket);
            // A socket that has failed meanwhile is its client's doing; and another thread may replace and dispose the identity at this
            // moment.
            if (e is not (SocketSystemException or ObjectDisposedException))
                _loop.OnFailure(e);
            return;
        }
        _open++;
        _connections.OnAccepted();
        RequestRead(connection);
    }

    /// <summary>Gives up a connection that was not accepted in the end.</summary>
    private void Discard(StreamConnection? connection, StreamSocket socket)
    {
        if (connection is null)
        {
            socket.Dispose();
            return;
        }
        _connections.Open.Remove(connection.Client);
        _pending.Remove(connection);
        if (connection.Token != 0)
            _loop.Unwatch(connection.Fd, connection.Token);
        connection.Break();
        connection.Dispose();
    }

    private void Finish(StreamConnection connection)
    {
        if (connection.Client.Slot < 0)
            return;
        if (!_connections.TryEnd(connection.Client))
        {
            RequestWrite(connection);
            return;
        }
        _connections.Open.Remove(connection.Client);
        _pending.Remove(connection);
        _loop.Unwatch(connection.Fd, connection.Token);
        _open--;
        try
        {
            _connections.OnEnded(connection.Client);
        }
        finally
        {
            OnLeft();
        }
    }
}
