namespace Relay.Protocol;

/// <summary>Transport error codes of QUIC (RFC 9000 §20.1, RFC 9368).</summary>
public static class QuicTransportError
{
    /// <summary>NO_ERROR: the connection is closed abruptly, but nothing is wrong.</summary>
    public const ulong NoError = 0x00;

    /// <summary>INTERNAL_ERROR: the endpoint cannot go on with the connection.</summary>
    public const ulong InternalError = 0x01;

    /// <summary>CONNECTION_REFUSED: the server accepts no new connection.</summary>
    public const ulong ConnectionRefused = 0x02;

    /// <summary>FLOW_CONTROL_ERROR: more data than was permitted.</summary>
    public const ulong FlowControlError = 0x03;

    /// <summary>STREAM_LIMIT_ERROR: a stream beyond the limit.</summary>
    public const ulong StreamLimitError = 0x04;

    /// <summary>STREAM_STATE_ERROR: a frame for a stream in a state that does not permit it.</summary>
    public const ulong StreamStateError = 0x05;

    /// <summary>FINAL_SIZE_ERROR: data beyond the final size, or a final size that changed.</summary>
    public const ulong FinalSizeError = 0x06;

    /// <summary>FRAME_ENCODING_ERROR: a badly formatted frame.</summary>
    public const ulong FrameEncodingError = 0x07;

    /// <summary>TRANSPORT_PARAMETER_ERROR: wrong transport parameters.</summary>
    public const ulong TransportParameterError = 0x08;

    /// <summary>CONNECTION_ID_LIMIT_ERROR: more connection IDs than the limit.</summary>
    public const ulong ConnectionIdLimitError = 0x09;

    /// <summary>PROTOCOL_VIOLATION: a violation without a code of its own.</summary>
    public const ulong ProtocolViolation = 0x0A;

    /// <summary>INVALID_TOKEN: an Initial packet with an invalid Retry token.</summary>
    public const ulong InvalidToken = 0x0B;

    /// <summary>APPLICATION_ERROR: the application closed the connection during the handshake.</summary>
    public const ulong ApplicationError = 0x0C;

    /// <summary>CRYPTO_BUFFER_EXCEEDED: more CRYPTO data than can be held.</summary>
    public const ulong CryptoBufferExceeded = 0x0D;

    /// <summary>KEY_UPDATE_ERROR: a wrong key update.</summary>
    public const ulong KeyUpdateError = 0x0E;

    /// <summary>AEAD_LIMIT_REACHED: a key has protected as much as it may.</summary>
    public const ulong AeadLimitReached = 0x0F;

    /// <summary>NO_VIABLE_PATH: no network path supports QUIC.</summary>
    public const ulong NoViablePath = 0x10;

    /// <summary>VERSION_NEGOTIATION_ERROR: version negotiation failed (RFC 9368).</summary>
    public const ulong VersionNegotiationError = 0x11;

    /// <summary>CRYPTO_ERROR: this plus the TLS alert, 0x100 to 0x1ff.</summary>
    public const ulong CryptoErrorBase = 0x100;
}
