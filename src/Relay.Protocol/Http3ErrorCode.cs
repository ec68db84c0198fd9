namespace Relay.Protocol;

/// <summary>Application error codes of HTTP/3 (RFC 9114 §8.1, RFC 9204 §6, RFC 9297 §5.2).</summary>
public static class Http3ErrorCode
{
    /// <summary>H3_DATAGRAM_ERROR: an HTTP datagram that cannot be (RFC 9297 §2.1).</summary>
    public const ulong DatagramError = 0x33;

    /// <summary>H3_NO_ERROR: nothing is wrong, the connection or stream is simply no longer needed.</summary>
    public const ulong NoError = 0x100;

    /// <summary>H3_GENERAL_PROTOCOL_ERROR: a violation without a code of its own.</summary>
    public const ulong GeneralProtocolError = 0x101;

    /// <summary>H3_INTERNAL_ERROR: the fault is here.</summary>
    public const ulong InternalError = 0x102;

    /// <summary>H3_STREAM_CREATION_ERROR: a stream that is not accepted.</summary>
    public const ulong StreamCreationError = 0x103;

    /// <summary>H3_CLOSED_CRITICAL_STREAM: a stream the connection cannot do without was closed.</summary>
    public const ulong ClosedCriticalStream = 0x104;

    /// <summary>H3_FRAME_UNEXPECTED: a frame that is not permitted here.</summary>
    public const ulong FrameUnexpected = 0x105;

    /// <summary>H3_FRAME_ERROR: a frame of a wrong layout or size.</summary>
    public const ulong FrameError = 0x106;

    /// <summary>H3_EXCESSIVE_LOAD: behaviour that might be an attempt to cause load.</summary>
    public const ulong ExcessiveLoad = 0x107;

    /// <summary>H3_ID_ERROR: an identifier used wrongly.</summary>
    public const ulong IdError = 0x108;

    /// <summary>H3_SETTINGS_ERROR: a wrong SETTINGS frame.</summary>
    public const ulong SettingsError = 0x109;

    /// <summary>H3_MISSING_SETTINGS: the control stream did not start with SETTINGS.</summary>
    public const ulong MissingSettings = 0x10A;

    /// <summary>H3_REQUEST_REJECTED: the request was not processed and may be tried again elsewhere.</summary>
    public const ulong RequestRejected = 0x10B;

    /// <summary>H3_REQUEST_CANCELLED: the request or its answer is no longer wanted.</summary>
    public const ulong RequestCancelled = 0x10C;

    /// <summary>H3_REQUEST_INCOMPLETE: the client's stream ended before the request did.</summary>
    public const ulong RequestIncomplete = 0x10D;

    /// <summary>
    /// H3_MESSAGE_ERROR: a malformed message (RFC 9114 §4.1.2), truncated capsules among them (RFC 9297 §3.3).
    /// </summary>
    public const ulong MessageError = 0x10E;

    /// <summary>
    /// H3_CONNECT_ERROR: the TCP connection of a CONNECT request was reset or abnormally closed (RFC 9114 §4.4).
    /// </summary>
    public const ulong ConnectError = 0x10F;

    /// <summary>H3_VERSION_FALLBACK: the request should be tried again over HTTP/1.1.</summary>
    public const ulong VersionFallback = 0x110;

    /// <summary>QPACK_DECOMPRESSION_FAILED: an encoded field section could not be interpreted (RFC 9204 §6).</summary>
    public const ulong QpackDecompressionFailed = 0x200;

    /// <summary>QPACK_ENCODER_STREAM_ERROR: a wrong instruction on the encoder stream (RFC 9204 §6).</summary>
    public const ulong QpackEncoderStreamError = 0x201;

    /// <summary>QPACK_DECODER_STREAM_ERROR: a wrong instruction on the decoder stream (RFC 9204 §6).</summary>
    public const ulong QpackDecoderStreamError = 0x202;

    /// <summary>
    /// Whether a code that the other side gave tells of an error. RFC 9114 §8: "receipt of an unknown error code MUST be
    /// treated as equivalent to H3_NO_ERROR".
    /// </summary>
    /// <param name="code">Of a closed connection or stream.</param>
    public static bool IsError(ulong code) => code is DatagramError
        or (>= GeneralProtocolError and <= VersionFallback)
        or (>= QpackDecompressionFailed and <= QpackDecoderStreamError);
}
