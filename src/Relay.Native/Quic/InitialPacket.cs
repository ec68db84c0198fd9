namespace Relay.Native.Quic;

/// <summary>A client's first Initial packet, as far as a server needs it to accept a connection.</summary>
public ref struct InitialPacket
{
    /// <summary>The QUIC version.</summary>
    public uint Version { get; internal set; }

    /// <summary>The destination connection ID: the client's choice, or what a Retry told it.</summary>
    public ConnectionId DestinationId { get; internal set; }

    /// <summary>The client's own connection ID.</summary>
    public ConnectionId SourceId { get; internal set; }

    /// <summary>
    /// The destination connection ID of a packet of another version, of up to 255 bytes (RFC 8999 §5.1); memory of the packet.
    /// </summary>
    public ReadOnlySpan<byte> ForeignDestinationId { get; internal set; }

    /// <summary>The source connection ID of such a packet.</summary>
    public ReadOnlySpan<byte> ForeignSourceId { get; internal set; }

    /// <summary>The destination connection ID of the client's very first packet, before a Retry.</summary>
    public ConnectionId OriginalDestinationId { get; internal set; }

    /// <summary>The token; memory of the packet.</summary>
    public ReadOnlySpan<byte> Token { get; internal set; }

    /// <summary>Whether the token proves the client's address (RFC 9000 §8.1).</summary>
    public bool TokenValid { get; internal set; }

    /// <summary>Whether it answers a Retry.</summary>
    public bool AfterRetry { get; internal set; }
}

/// <summary>What a packet for no known connection is.</summary>
public enum PacketKind
{
    /// <summary>Not QUIC, or too short to matter: to be dropped.</summary>
    Invalid,

    /// <summary>A version that is not supported: to be answered with Version Negotiation (RFC 9000 §6).</summary>
    UnsupportedVersion,

    /// <summary>The first packet of a new connection.</summary>
    Initial,

    /// <summary>
    /// An Initial packet whose Retry token is false or too old: to be answered with INVALID_TOKEN (RFC 9000 §8.1.2).
    /// </summary>
    InvalidToken,

    /// <summary>A packet of a connection that this side does not know (any more).</summary>
    Unknown,
}
