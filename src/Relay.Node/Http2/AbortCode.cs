using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http2;

/// <summary>What HTTP/2 calls the abort of a tunnel.</summary>
internal static class AbortCode
{
    /// <summary>The error code of RST_STREAM.</summary>
    /// <param name="reason">Why it is aborted.</param>
    /// <param name="udp">Its type.</param>
    internal static uint Of(TunnelAbort reason, bool udp) => reason switch
    {
        // RFC 9297 §3.3: such a message is malformed; RFC 9113 §8.1.1: that is "a stream error … of type PROTOCOL_ERROR".
        TunnelAbort.MalformedDatagram or TunnelAbort.TruncatedCapsule => Http2ErrorCode.ProtocolError,
        TunnelAbort.TooMuchHeld => Http2ErrorCode.EnhanceYourCalm,
        TunnelAbort.ClientAborted when udp => Http2ErrorCode.Cancel,
        TunnelAbort.ForceClosed when udp => Http2ErrorCode.NoError,
        // RFC 9113 §8.5: "A proxy treats any error in the TCP connection … as a stream error … of type CONNECT_ERROR."
        _ => Http2ErrorCode.ConnectError,
    };
}
