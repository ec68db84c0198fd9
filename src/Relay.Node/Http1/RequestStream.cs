using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http1;

/// <summary>
/// The one request of an HTTP/1.1 connection. Once it is answered with a tunnel, what the connection carries is the
/// tunnel's; once it is refused, the connection is over.
/// </summary>
internal sealed class RequestStream : IRequestStream, IRequestFields
{
    /// <summary>Bytes that may wait for a target, before a tunnel is open: what a client sends without an answer.</summary>
    internal const int MaxEarly = 64 * 1024;

    /// <summary>Bytes that may wait for a target.</summary>
    internal const int MaxUnconsumed = 256 * 1024;

    private readonly Http1Protocol _protocol;
    private readonly PulledBody _body = new();
    private bool _upgrades;
    private bool _open;
    private bool _ended;
    private bool _aborted;
    private bool _closed;

    /// <summary>A request began.</summary>
    internal RequestStream(Http1Protocol protocol)
    {
        _protocol = protocol;
        Request = new ClientRequest(protocol.Client, this);
    }

    /// <summary>The request.</summary>
    internal ClientRequest Request { get; }

    /// <summary>Whether there is room for another piece.</summary>
    internal bool TakesBytes => Unconsumed + StreamProtocol.MaxPiece <= (_open ? MaxUnconsumed : MaxEarly);

    /// <summary>Whether nothing follows what was pulled.</summary>
    internal bool HasEnded => _ended;

    /// <summary>Whether nothing is of interest any more that comes.</summary>
    internal bool IsOver => _ended && Request.IsOver;

    /// <summary>Whether an end of the connection now is none of the target's, and a client could take it for that.</summary>
    internal bool IsWithinBytes => _open && !_ended && Request is { Udp: null, IsOver: false };

    /// <summary>Whether bytes are left that were pulled.</summary>
    internal bool HasRest => _body.HasRest;

    /// <inheritdoc/>
    public bool TakesDatagrams => false;

    /// <inheritdoc/>
    public bool HasArrived => !_body.HasRest && _protocol.HasArrived;

    /// <inheritdoc/>
    public bool IsClosed => _closed || _aborted;

    /// <inheritdoc/>
    public long Unconsumed { get; private set; }

    /// <summary>The head of the request has arrived.</summary>
    internal void Begin(Http1RequestReader head)
    {
        _upgrades = Http1Request.Translate(head, this);
        Request.OnHeadersComplete();
    }

    /// <summary>Bytes of the tunnel, or to be of it, arrived.</summary>
    internal void Receive(ReadOnlySpan<byte> data)
    {
        Unconsumed += data.Length;
        Request.OnBody(data);
    }

    /// <summary>Gives bytes of the tunnel to send; how many there are.</summary>
    internal int Pull(Span<byte> destination)
    {
        if (!_open || _ended || IsClosed)
            return 0;
        var length = _body.Pull(Request, destination);
        if (length != ClientRequest.EndOfBody)
            return length;
        _ended = true;
        return 0;
    }

    /// <summary>The connection is gone.</summary>
    internal void Close()
    {
        _closed = true;
        Request.OnStreamClosed(withError: false);
        _body.Release();
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Request.OnHeader(name, value);

    /// <inheritdoc/>
    public void Fail(RequestFault fault) => Request.OnFault(fault);

    /// <inheritdoc/>
    public void Answer(in ResponseHead head)
    {
        var took = TakesBytes;
        _open = head.OpensTunnel;
        _ended = !_open;
        _protocol.Send(head, _upgrades);
        if (!took && TakesBytes)
            _protocol.Stream.RequestRead();
    }

    /// <inheritdoc/>
    public void DeliverEarlyDatagrams()
    {
    }

    // It need not be asked: the connection is over, and what it still sends is dropped.
    /// <inheritdoc/>
    public void StopReceiving()
    {
    }

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason)
    {
        // Where bytes are a stream, its end in order says that they are all of them. Capsules say where they end.
        if (_open && Request.Udp is not null && reason == TunnelAbort.ForceClosed)
        {
            Resume();
            return;
        }
        _aborted = true;
        _protocol.Stream.Reset();
    }

    /// <inheritdoc/>
    public void Resume() => _protocol.Stream.RequestWrite();

    /// <inheritdoc/>
    public void ResumeDatagrams() => Resume();

    /// <inheritdoc/>
    public void Consume(long length)
    {
        var took = TakesBytes;
        Unconsumed -= length;
        _protocol.Client.CountMemory(Unconsumed);
        if (!took && TakesBytes && !IsClosed)
            _protocol.Stream.RequestRead();
    }
}
