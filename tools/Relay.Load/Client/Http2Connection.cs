using Relay.Native.Linux;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>A connection by HTTP/2.</summary>
internal sealed class Http2Connection(ClientLoop loop, int index) : TcpClientConnection(loop, index)
{
    private Http2Link? _http;

    public override HttpProtocol Protocol => HttpProtocol.Http2;

    public override string Alpn => "h2";

    public override string? WhyNoUdp => _http is { PeerTakesExtendedConnect: true }
        ? null
        : "the relay takes no Extended CONNECT over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL)";

    protected override bool HasEnded => _http is { IsOver: true };

    protected override bool IsOver => HasEnded;

    protected override string? Outcome => _http switch
    {
        { CodeReceived: { } code } => $"the relay closed the connection with {EndText.Http2Error(code)}",
        { CodeSent: { } code } => $"this side closed the connection with {EndText.Http2Error(code)}",
        _ => null,
    };

    public override bool TryOpen(
        TunnelRequest request, Func<ClientConnection, TunnelStream> create, out TunnelStream? tunnel)
    {
        tunnel = _http?.Open(request, create);
        if (tunnel is not null)
            Loop.MarkDirty(this);
        return tunnel is not null;
    }

    public override string DescribeTunnelEnd(ulong code) => EndText.Http2Error((uint)code);

    internal override void Close()
    {
        _http?.Terminate(Http2ErrorCode.NoError);
        base.Close();
    }

    protected override void OnEstablished()
    {
        if (HasNegotiated("h2"u8))
            _http = new Http2Link(this);
        else
            Fail(Errno.EPROTO, "the relay named no application protocol, and so speaks no HTTP/2");
    }

    protected override void Receive(ReadOnlySpan<byte> data)
    {
        _http!.Receive(data);
        // It may have answers of its own, to SETTINGS and PING, and windows to give back.
        Loop.MarkDirty(this);
    }

    protected override void ReceiveEnd()
    {
        if (!HasEnded)
            Fail(Errno.ECONNRESET, Outcome ?? "the relay closed the connection");
    }

    protected override int Write(Span<byte> destination) => _http is null ? 0 : _http.Send(destination);

    protected override void CloseTunnels(ulong code) => _http?.Dispose();
}
