namespace Relay.Protocol;

/// <summary>The outcome of <see cref="HttpDatagram.Read"/>.</summary>
public enum HttpDatagramReadResult
{
    /// <summary>The quarter stream ID was read.</summary>
    Success,

    /// <summary>
    /// The frame is too short to hold a quarter stream ID: a connection error of type
    /// <see cref="Http3ErrorCode.DatagramError"/> (RFC 9297 §2.1).
    /// </summary>
    Truncated,

    /// <summary>
    /// The quarter stream ID is above 2^60-1, so no stream can have it: a connection error of type
    /// <see cref="Http3ErrorCode.DatagramError"/> (RFC 9297 §2.1).
    /// </summary>
    InvalidQuarterStreamId,
}
