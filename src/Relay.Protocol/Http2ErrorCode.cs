namespace Relay.Protocol;

/// <summary>Error codes of HTTP/2 (RFC 9113 §7), of RST_STREAM and GOAWAY.</summary>
public static class Http2ErrorCode
{
    /// <summary>NO_ERROR: nothing is wrong, the connection or stream is simply no longer needed.</summary>
    public const uint NoError = 0x0;

    /// <summary>
    /// PROTOCOL_ERROR: a violation without a code of its own, malformed messages (§8.1.1) and truncated capsules
    /// (RFC 9297 §3.3) among them.
    /// </summary>
    public const uint ProtocolError = 0x1;

    /// <summary>INTERNAL_ERROR: the fault is here.</summary>
    public const uint InternalError = 0x2;

    /// <summary>FLOW_CONTROL_ERROR: more was sent than a window had room for.</summary>
    public const uint FlowControlError = 0x3;

    /// <summary>SETTINGS_TIMEOUT: SETTINGS were not acknowledged in time.</summary>
    public const uint SettingsTimeout = 0x4;

    /// <summary>STREAM_CLOSED: a frame for a stream that its sender had ended.</summary>
    public const uint StreamClosed = 0x5;

    /// <summary>FRAME_SIZE_ERROR: a frame of a wrong size.</summary>
    public const uint FrameSizeError = 0x6;

    /// <summary>REFUSED_STREAM: the request was not processed and may be tried again.</summary>
    public const uint RefusedStream = 0x7;

    /// <summary>CANCEL: the stream is no longer wanted.</summary>
    public const uint Cancel = 0x8;

    /// <summary>COMPRESSION_ERROR: a field section could not be interpreted.</summary>
    public const uint CompressionError = 0x9;

    /// <summary>CONNECT_ERROR: the TCP connection of a CONNECT request was reset or abnormally closed (§8.5).</summary>
    public const uint ConnectError = 0xa;

    /// <summary>ENHANCE_YOUR_CALM: behaviour that might be an attempt to cause load.</summary>
    public const uint EnhanceYourCalm = 0xb;

    /// <summary>INADEQUATE_SECURITY: the transport does not meet the minimum (§9.2).</summary>
    public const uint InadequateSecurity = 0xc;

    /// <summary>HTTP_1_1_REQUIRED: the request should be tried again over HTTP/1.1.</summary>
    public const uint Http11Required = 0xd;

    /// <summary>
    /// Whether a code that the other side gave tells of an error. §7: unknown codes "MAY be treated … as being equivalent
    /// to INTERNAL_ERROR".
    /// </summary>
    /// <param name="code">Of a closed connection or stream.</param>
    public static bool IsError(uint code) => code != NoError;
}
