using Relay.Native.Linux;
using Relay.Native.Tls;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Options;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Streams;

/// <summary>
/// A client's connection over TLS and TCP: the handshake, then bytes between the socket and the version of HTTP that was
/// negotiated. Belongs to one loop.
/// </summary>
internal sealed partial class StreamConnection : IConnectionCarrier, IByteStream, IReadiness, IOwned
{
    /// <summary>Bytes that wait in the kernel and are not on their way: what is urgent is behind no more.</summary>
    private const int NotSent = 128 * 1024;

    /// <summary>The least that a round trip is taken for, in nanoseconds: what a client may delay acknowledgements.</summary>
    private const ulong AckDelay = 100_000_000;

    private readonly StreamContext _shared;
    private readonly IStreamHost _host;
    private readonly TlsStream _tls;
    private StreamProtocol? _protocol;
    private ActionTimer? _lastWords;
    private uint _lossCounted;

    /// <summary>A connection was accepted.</summary>
    /// <param name="shared">What the loop's have in common.</param>
    /// <param name="tls">What the relay shows.</param>
    /// <param name="host">What gives it its turns.</param>
    /// <param name="altSvc">See <see cref="AltSvc"/>.</param>
    /// <param name="socket">Its socket; disposed with it, or where this fails.</param>
    /// <exception cref="Relay.Native.TlsException">TLS could not be set up.</exception>
    /// <exception cref="SocketSystemException">The socket has failed.</exception>
    internal StreamConnection(
        StreamContext shared, TlsContext tls, IStreamHost host, string? altSvc, StreamSocket socket)
    {
        AltSvc = altSvc;
        _shared = shared;
        _host = host;
        ClientEndPoint = socket.RemoteEndPoint;
        SourceKey = Io.SourceKey.Of(socket.Remote);
        try
        {
            var (idle, interval, probes) = Silence.KeepAlive;
            var patience = (Silence.Unacknowledged ?? shared.Context.Timeouts.ClientIdle) / 1_000_000;
            socket.ServeClient(
                new KeepAlive(idle, interval, probes), (int)Math.Min(patience, int.MaxValue), NotSent);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        _tls = new TlsStream(tls, socket, shared.Buffers, StreamContext.Protocols);
        Client = new ClientConnection(shared.Context, this);
    }

    /// <summary>The connection as everything above its transport sees it.</summary>
    internal ClientConnection Client { get; }

    /// <summary>Its descriptor, for epoll.</summary>
    internal int Fd => _tls.Socket.Fd;

    /// <summary>Of the loop's watch; kept by its host.</summary>
    internal ulong Token { get; set; }

    /// <summary>Its places among the handshakes under way; kept by those.</summary>
    internal (LinkedListNode<StreamConnection> InAll, LinkedListNode<StreamConnection> InSource)? Pending { get; set; }

    /// <inheritdoc/>
    public ITurnOwner? Owner => Client;

    private ClientSilence Silence => _shared.Context.Timeouts.Silence;

    private TcpPath Path => _shared.ReadPath(_tls.Socket);

    /// <summary>Whether it waits for a turn of reading; kept by its host.</summary>
    internal bool IsReading { get; set; }

    /// <summary>
    /// Whether it is not to be read, for what it has sent already. Windows bound what comes, and who has them may end a stream, or make room
    /// for a download, beside an upload that nobody takes: those are read as long as there is anything left.
    /// </summary>
    internal bool IsFull => Client.IsFull && (_protocol is not { HasWindows: true } || Client.Context.Memory.IsUsedUp);

    /// <summary>Whether it is not read for a while; kept by its host.</summary>
    internal bool IsPaused { get; set; }

    /// <summary>Whether it waits for a turn of writing; kept by its host.</summary>
    internal bool IsWriting { get; set; }

    /// <inheritdoc/>
    public string? AltSvc { get; }

    /// <inheritdoc/>
    public HttpProtocol Protocol => _protocol?.Version ?? HttpProtocol.Http11;

    /// <inheritdoc/>
    public System.Net.IPEndPoint ClientEndPoint { get; }

    /// <inheritdoc/>
    public ulong SourceKey { get; }

    /// <inheritdoc/>
    public ClientEnd End => State != StreamState.Over ? ClientEnd.Stream
        : _failure == Errno.ETIMEDOUT ? ClientEnd.IdleConnection
        : _clientEnded && _failure == 0 && _protocol is not { HasFailed: true } ? ClientEnd.ClosedConnection
        : ClientEnd.Connection;

    /// <inheritdoc/>
    public CloseFacts CloseFacts => _protocol?.Facts is { } facts ? facts
        : _tls.Error != 0 ? new CloseFacts("Tls", 0, _tls.Error) : new CloseFacts("Tcp", (ulong)_failure, 0);

    /// <inheritdoc/>
    public bool RefusedCertificate => _tls.RefusedCertificate;

    /// <inheritdoc/>
    public long Unconsumed => _protocol?.Unconsumed ?? 0;

    /// <inheritdoc/>
    public int StreamCount => _protocol?.StreamCount ?? 0;

    /// <inheritdoc/>
    public void CloseStreams(int most) => _protocol?.Lose(most);

    /// <inheritdoc/>
    public ulong ProbeTimeout
    {
        get
        {
            // As RFC 9002 §6.2.1 has it.
            var path = Path;
            return path.SmoothedRtt + (4 * path.RttVariation) + AckDelay;
        }
    }

    /// <inheritdoc/>
    public bool HasArrived => _isDisposed ? _hasArrived : !_tls.HasOutput && _tls.Socket.IsAcknowledged;

    /// <inheritdoc/>
    public bool HasHeardSince(ulong time) =>
        State != StreamState.Over && Client.Loop.Now - Path.Silence > time;

    /// <inheritdoc/>
    public void AskForLife(ulong after)
    {
        // What HTTP/1.1 has no words for, and HTTP/2 no window: the kernel asks, once all it had is acknowledged.
        _tls.Socket.ProbeAfter((int)Math.Max(1, after / 1_000_000_000));
        _protocol?.AskForLife(after);
    }

    /// <inheritdoc/>
    public void AnnounceShutdown() => _protocol?.AnnounceShutdown();

    /// <inheritdoc/>
    public void RefuseRequests() => _protocol?.RefuseRequests();

    /// <inheritdoc/>
    public void Shutdown()
    {
        if (_protocol is null || State == StreamState.Over)
        {
            Reset();
            return;
        }
        _protocol.Shutdown();
        // A client that takes nothing never hears of it.
        if (_lastWords is not null)
            return;
        _lastWords = new ActionTimer(Client, Reset);
        Client.Loop.Timers.Set(_lastWords, Client.Loop.Now + Silence.LastWords);
    }

    /// <inheritdoc/>
    public void RefuseLoad() => _protocol?.RefuseLoad();

    /// <inheritdoc/>
    public ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        reset = 0;
        return _protocol?.ResetLateRequests(openedBy, out reset) ?? ulong.MaxValue;
    }

    /// <inheritdoc/>
    public void Sample()
    {
        if (_isDisposed || !Client.IsEstablished)
            return;
        var path = Path;
        if (path.SmoothedRtt == 0)
            return;
        var (counters, histograms) = (Client.Loop.Counters, Client.Loop.Histograms);
        counters.Retransmissions += path.Retransmissions - _lossCounted;
        _lossCounted = path.Retransmissions;
        counters.Rtt.Record(path.SmoothedRtt);
        histograms.OnPath(path.SmoothedRtt, path.CongestionWindow);
        if (path.Silence > Silence.WhileIdle && (path.Silence > Silence.WhileOwing || HasArrived))
            Fail(Errno.ETIMEDOUT);
    }

    /// <inheritdoc/>
    public void RequestWrite() => _host.RequestWrite(this);

    /// <inheritdoc/>
    public void RequestRead()
    {
        if (State == StreamState.Open && (_readable || _tls.HasInput))
            _host.RequestRead(this);
    }
}

/// <summary>The life of a connection over TCP.</summary>
internal enum StreamState
{
    /// <summary>TLS negotiates.</summary>
    Handshaking,

    /// <summary>HTTP is spoken.</summary>
    Open,

    /// <summary>It is over; its host has yet to hear.</summary>
    Over,
}
