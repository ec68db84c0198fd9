using Relay.Native.Http3;
using Relay.Node.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>The stream of one request: nghttp3's events, and what <see cref="ClientRequest"/> says, as frames.</summary>
internal sealed class RequestStream : Http3Stream, IRequestStream
{
    private readonly RelayConnection _connection;
    private byte[]? _datagramPrefix;

    /// <summary>A request began.</summary>
    internal RequestStream(RelayConnection connection, long id) : base(connection, id)
    {
        _connection = connection;
        Request = new ClientRequest(connection.Client, this);
    }

    /// <summary>The request.</summary>
    internal ClientRequest Request { get; }

    /// <summary>What goes before each datagram toward the client: quarter stream ID and context ID 0.</summary>
    internal ReadOnlySpan<byte> DatagramPrefix => _datagramPrefix ??= PrefixOf(Id);

    /// <summary>Whether it stands in the connection's line for datagrams.</summary>
    internal bool InDatagramLine { get; set; }

    /// <inheritdoc/>
    public bool TakesDatagrams => _connection.PeerTakesDatagrams;

    // A client that closes its connection acknowledges nothing more: where no window held anything back, it may have closed
    // on what came last.
    /// <inheritdoc/>
    public bool HasArrived =>
        IsAcknowledged || (_connection.Client.End == ClientEnd.ClosedConnection && !IsBlocked);

    /// <inheritdoc/>
    protected override int MinimumRoom => Request.NeededRoom;

    /// <inheritdoc/>
    protected override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Request.OnHeader(name, value);

    /// <inheritdoc/>
    protected override void OnHeadersComplete(bool endOfStream)
    {
        _connection.OnRequest();
        Request.OnHeadersComplete();
    }

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> data) => Request.OnBody(data);

    /// <inheritdoc/>
    protected override void OnEndOfStream() => Request.OnEndOfStream();

    /// <inheritdoc/>
    protected override void OnReset(ulong errorCode)
    {
        if (Request.AwaitsHeaders)
            ResetSend(Http3ErrorCode.RequestIncomplete);
        else
            Request.OnReset();
    }

    /// <inheritdoc/>
    protected override void OnStopSending() => Request.OnStopSending();

    /// <inheritdoc/>
    protected override void OnClosed(ulong errorCode)
    {
        DeliverEarlyDatagrams();
        Request.OnStreamClosed(Http3ErrorCode.IsError(errorCode));
        _connection.Charge(Request.Waste);
    }

    /// <inheritdoc/>
    protected override int PullBody(Span<byte> destination) => Request.PullBody(destination);

    /// <inheritdoc/>
    public void Answer(in ResponseHead head)
    {
        var fields = _connection.Http3.Fields;
        SubmitResponse(fields.Of(head), withBody: head.OpensTunnel);
        if (head.OpensTunnel)
            OpenWindow();
        _connection.MarkDirty();
    }

    /// <inheritdoc/>
    public void DeliverEarlyDatagrams() => _connection.TakeEarlyDatagrams(this);

    /// <inheritdoc/>
    public void ResumeDatagrams() => _connection.Line(this);

    /// <inheritdoc/>
    public void StopReceiving() => StopReceiving(Http3ErrorCode.NoError);

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason)
    {
        var errorCode = AbortCode.Of(reason, Request.Udp is not null);
        ResetSend(errorCode);
        StopReceiving(errorCode);
        _connection.MarkDirty();
    }

    void ITunnelStream.Resume()
    {
        Resume();
        _connection.MarkDirty();
    }

    void ITunnelStream.Consume(long length)
    {
        Consume(length);
        _connection.Client.OnConsumed();
        _connection.MarkDirty();
    }

    private static byte[] PrefixOf(long id)
    {
        Span<byte> prefix = stackalloc byte[HttpDatagram.MaxPrefixLength];
        return prefix[..HttpDatagram.WritePrefix(prefix, id, 0)].ToArray();
    }
}
