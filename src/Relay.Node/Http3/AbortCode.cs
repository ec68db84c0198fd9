using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <summary>What HTTP/3 calls the abort of a tunnel.</summary>
internal static class AbortCode
{
    /// <summary>The error code for both directions of its stream.</summary>
    /// <param name="reason">Why it is aborted.</param>
    /// <param name="udp">Its type.</param>
    internal static ulong Of(TunnelAbort reason, bool udp) => reason switch
    {
        TunnelAbort.MalformedDatagram => Http3ErrorCode.DatagramError,
        // RFC 9114 §4.1.2.
        TunnelAbort.TruncatedCapsule => Http3ErrorCode.MessageError,
        TunnelAbort.TooMuchHeld => Http3ErrorCode.ExcessiveLoad,
        TunnelAbort.ClientAborted when udp => Http3ErrorCode.RequestCancelled,
        TunnelAbort.ForceClosed when udp => Http3ErrorCode.NoError,
        // RFC 9114 §4.4: "A proxy treats any error in the TCP connection … as a stream error of type H3_CONNECT_ERROR."
        _ => Http3ErrorCode.ConnectError,
    };
}
