using Relay.Native.Http3;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>A tunnel's stream of HTTP/3.</summary>
internal sealed class Http3Request(Http3Link connection, long id, TunnelStream tunnel)
    : Http3Stream(connection, id), ITunnelLink
{
    /// <summary>What it carries.</summary>
    public TunnelStream Tunnel => tunnel;

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason)
    {
        var code = reason switch
        {
            TunnelAbort.ConnectError => Http3ErrorCode.ConnectError,
            TunnelAbort.DatagramError => Http3ErrorCode.DatagramError,
            _ => Http3ErrorCode.RequestCancelled,
        };
        ResetSend(code);
        StopReceiving(code);
    }

    protected override int MinimumRoom => tunnel.NeededRoom;

    protected override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => tunnel.TakeHeader(name, value);

    protected override void OnHeadersComplete(bool endOfStream) => tunnel.TakeHead();

    protected override void OnBody(ReadOnlySpan<byte> data) => tunnel.TakeBody(data);

    protected override void OnEndOfStream() => tunnel.TakeEnd();

    protected override void OnReset(ulong errorCode) => tunnel.TakeReset(errorCode);

    protected override void OnStopSending()
    {
    }

    protected override void OnClosed(ulong errorCode) => tunnel.TakeClose(errorCode);

    protected override int PullBody(Span<byte> destination) => tunnel.Pull(destination);
}
