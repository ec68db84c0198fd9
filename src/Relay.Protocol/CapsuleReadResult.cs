namespace Relay.Protocol;

/// <summary>The outcome of <see cref="CapsuleReader.Read"/>.</summary>
public enum CapsuleReadResult
{
    /// <summary>The input has been used up; call again when more has arrived.</summary>
    NeedMore,

    /// <summary>A DATAGRAM capsule is complete; call again, since there may be another one in the input.</summary>
    Datagram,

    /// <summary>
    /// A DATAGRAM capsule with context ID 0 carries more than <see cref="HttpDatagram.MaxUdpPayload"/> bytes; the
    /// stream must be aborted (RFC 9298 §5). The reader stays in this state.
    /// </summary>
    PayloadTooLarge,
}
