namespace Relay.Load.Client;

/// <summary>How a client of HTTP/3 uses its socket, and with it how often it acknowledges.</summary>
internal enum ClientProfile
{
    /// <summary>As cheap as the kernel allows: packets leave and come in runs, of which one acknowledgement tells.</summary>
    Batched,

    /// <summary>
    /// As most clients are: one packet a call in both directions, and an acknowledgement for every second packet
    /// (RFC 9000 §13.2.2); for a lone one as ngtcp2 has it, after an eighth of the round trip and 25 ms at most.
    /// </summary>
    Plain,
}
