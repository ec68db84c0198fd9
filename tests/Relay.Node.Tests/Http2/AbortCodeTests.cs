using Relay.Node.Http2;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>Each reason to abort a tunnel has a code of HTTP/2.</summary>
public class AbortCodeTests
{
    private static readonly (TunnelAbort Reason, uint Tcp, uint Udp)[] Cases =
    [
        (TunnelAbort.ClientAborted, Http2ErrorCode.ConnectError, Http2ErrorCode.Cancel),
        (TunnelAbort.TargetFailed, Http2ErrorCode.ConnectError, Http2ErrorCode.ConnectError),
        (TunnelAbort.TimedOut, Http2ErrorCode.ConnectError, Http2ErrorCode.ConnectError),
        (TunnelAbort.ForceClosed, Http2ErrorCode.ConnectError, Http2ErrorCode.NoError),
        (TunnelAbort.MalformedDatagram, Http2ErrorCode.ProtocolError, Http2ErrorCode.ProtocolError),
        (TunnelAbort.TruncatedCapsule, Http2ErrorCode.ProtocolError, Http2ErrorCode.ProtocolError),
        (TunnelAbort.TooMuchHeld, Http2ErrorCode.EnhanceYourCalm, Http2ErrorCode.EnhanceYourCalm),
    ];

    [Fact]
    public void EveryReason_HasItsCode() => Assert.Equal(
        Cases,
        Enum.GetValues<TunnelAbort>().Select(static reason =>
            (reason, AbortCode.Of(reason, udp: false), AbortCode.Of(reason, udp: true))));
}
