namespace Relay.Native.Http3;

/// <summary>
/// What the other side's SETTINGS say (RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220 §3, RFC 9297 §2.1.1).
/// </summary>
/// <param name="MaxFieldSection">Bound of a decoded header section, in bytes; 2^62-1 for none.</param>
/// <param name="QpackTableCapacity">The dynamic table that QPACK may use toward it, in bytes.</param>
/// <param name="QpackBlockedStreams">Streams that may wait for the dynamic table.</param>
/// <param name="ExtendedConnect">Whether Extended CONNECT is allowed; nghttp3 1.8 does not tell a client.</param>
/// <param name="Datagrams">Whether HTTP datagrams are allowed.</param>
public readonly record struct PeerSettings(
    ulong MaxFieldSection, ulong QpackTableCapacity, ulong QpackBlockedStreams, bool ExtendedConnect, bool Datagrams);
