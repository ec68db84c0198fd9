namespace Relay.Load.Client;

/// <summary>What carries the UDP payloads of a tunnel between client and relay.</summary>
internal enum Carrier
{
    /// <summary>QUIC DATAGRAM frames (RFC 9297 §2.1).</summary>
    Datagram,

    /// <summary>DATAGRAM capsules on the request stream (RFC 9297 §3.5).</summary>
    Capsule,

    /// <summary>Both at once on one tunnel.</summary>
    Mixed,
}
