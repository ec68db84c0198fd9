using Relay.Native.Http2;
using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http2;

/// <summary>The stream of one request: nghttp2's events, and what <see cref="ClientRequest"/> says, as frames.</summary>
internal sealed class RequestStream : Http2Stream, IRequestStream
{
    private readonly Http2Protocol _protocol;
    private readonly PulledBody _body = new();
    private StreamWindow _window;
    private bool _clientEnded;
    private bool _clientReset;
    private bool _stopsAfterEnd;
    private bool _endedInOrder;
    private bool _isRefused;

    /// <summary>A request began.</summary>
    internal RequestStream(Http2Protocol protocol, ServerSession session, int id) : base(session, id)
    {
        _protocol = protocol;
        Request = new ClientRequest(protocol.Client, this);
    }

    /// <summary>The request.</summary>
    internal ClientRequest Request { get; }

    // RFC 9297 §2.2: "When HTTP Datagrams are … sent over HTTP/2, they use the Capsule Protocol".
    /// <inheritdoc/>
    public bool TakesDatagrams => false;

    // nghttp2 closes a stream with its last frame, which nobody can have acknowledged yet; as long as the connection lives,
    // TCP sees to it.
    /// <inheritdoc/>
    public bool HasArrived => !_body.HasRest
        && ((_endedInOrder && _protocol.Client.End == ClientEnd.Stream)
            || (!Session.HasRest && _protocol.Stream.HasArrived));

    /// <inheritdoc/>
    protected override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Request.OnHeader(name, value);

    /// <inheritdoc/>
    protected override void OnHeadersComplete() => Request.OnHeadersComplete();

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> data) => Request.OnBody(data);

    /// <inheritdoc/>
    protected override void OnEndOfStream()
    {
        _clientEnded = true;
        Request.OnEndOfStream();
    }

    /// <inheritdoc/>
    protected override void OnReset(uint errorCode)
    {
        _clientReset = true;
        if (Request.IsWaiting)
            _protocol.OnUnansweredReset();
        // Who has sent everything, and tells of no error, merely has no use for more.
        if (!_clientEnded || Http2ErrorCode.IsError(errorCode))
            Request.OnReset();
    }

    /// <inheritdoc/>
    protected override void OnClosed(uint errorCode)
    {
        _endedInOrder = HasSentEnd && !Http2ErrorCode.IsError(errorCode);
        _body.Release();
        if (_isRefused)
            _protocol.OnRefusedClosed();
        _protocol.ReturnGrowth(_window.Growth);
        // What is given back from now on makes no window of this stream grow.
        _window = default;
        Request.OnStreamClosed(Http2ErrorCode.IsError(errorCode));
    }

    /// <inheritdoc/>
    protected override int PullBody(Span<byte> destination) => _body.Pull(Request, destination);

    /// <inheritdoc/>
    protected override void OnEndSent()
    {
        if (_stopsAfterEnd)
            StopReceiving();
    }

    /// <inheritdoc/>
    public void Answer(in ResponseHead head)
    {
        SubmitResponse(_protocol.Context.Fields.Of(head, _protocol.Stream.AltSvc), withBody: head.OpensTunnel);
        if (head.OpensTunnel)
        {
            _window.Open(_protocol.Context.Parameters.InitialStreamWindow, _protocol.Now);
            SetWindow(_window.Size);
            _protocol.OnTunnelOpened();
        }
        else
        {
            _isRefused = true;
            if (!_protocol.MayStayOpen(head.IsClientsFault))
                StopReceiving();
        }
        _protocol.Stream.RequestWrite();
    }

    /// <inheritdoc/>
    public void DeliverEarlyDatagrams()
    {
    }

    /// <inheritdoc/>
    public void ResumeDatagrams()
    {
    }

    // RFC 9113 §8.1: a server may "request that the client abort transmission of a request without error by sending a
    // RST_STREAM with an error code of NO_ERROR after sending a complete response".
    /// <inheritdoc/>
    public void StopReceiving()
    {
        _stopsAfterEnd = true;
        if (!HasSentEnd)
            return;
        Reset(Http2ErrorCode.NoError);
        _protocol.Stream.RequestWrite();
    }

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason)
    {
        // RFC 9113 §5.4.2: "an endpoint MUST NOT send a RST_STREAM in response to a RST_STREAM frame".
        if (_clientReset)
            return;
        Reset(AbortCode.Of(reason, Request.Udp is not null));
        if (reason is TunnelAbort.MalformedDatagram or TunnelAbort.TruncatedCapsule or TunnelAbort.TooMuchHeld)
        {
            _protocol.OnResetForFault();
            if (Request.Tunnel is { HasOpened: false })
                _protocol.OnUnansweredReset();
        }
        _protocol.Stream.RequestWrite();
    }

    void ITunnelStream.Resume()
    {
        Resume();
        _protocol.Stream.RequestWrite();
    }

    void ITunnelStream.Consume(long length)
    {
        Consume(length);
        _protocol.Client.OnConsumed();
        if (_window.WantsMore(length, _protocol.Now) is var more and > 0
            && _window.Grow(_protocol.TakeGrowth(more)))
            SetWindow(_window.Size);
        _protocol.Stream.RequestWrite();
    }
}
