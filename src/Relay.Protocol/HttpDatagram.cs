namespace Relay.Protocol;

/// <summary>
/// HTTP datagrams: a quarter stream ID in front of the payload of a QUIC DATAGRAM frame (RFC 9297 §2.1), and the
/// context ID at the start of the datagram of a UDP tunnel (RFC 9298 §5).
/// </summary>
public static class HttpDatagram
{
    /// <summary>The longest prefix (quarter stream ID and context ID), in bytes: the headroom a buffer needs.</summary>
    public const int MaxPrefixLength = 2 * VariableLengthInteger.MaxLength;

    /// <summary>The longest UDP payload, in bytes: 65535 less the UDP header (RFC 9298 §5).</summary>
    public const int MaxUdpPayload = 65527;

    /// <summary>The context ID whose payload is an unmodified UDP payload (RFC 9298 §4).</summary>
    public const ulong UdpPayloadContextId = 0;

    /// <summary>The largest quarter stream ID, 2^60-1 (RFC 9297 §2.1).</summary>
    public const ulong MaxQuarterStreamId = (1UL << 60) - 1;

    /// <summary>
    /// Reads the quarter stream ID at the start of the payload of a QUIC DATAGRAM frame (RFC 9297 §2.1).
    /// </summary>
    /// <param name="datagram">The whole payload of the frame.</param>
    /// <param name="quarterStreamId">
    /// The stream ID divided by four, 0 to <see cref="MaxQuarterStreamId"/>; 0 unless the result is
    /// <see cref="HttpDatagramReadResult.Success"/>.
    /// </param>
    /// <param name="consumed">
    /// The bytes read, after which the HTTP datagram payload starts; 0 unless successful.
    /// </param>
    /// <returns>Whether it could be read, and if not, why.</returns>
    public static HttpDatagramReadResult Read(
        ReadOnlySpan<byte> datagram, out ulong quarterStreamId, out int consumed)
    {
        if (!VariableLengthInteger.TryRead(datagram, out quarterStreamId, out consumed))
            return HttpDatagramReadResult.Truncated;

        // RFC 9297 §2.1: stream IDs end at 2^62-1, so this at 2^60-1; "Receipt of an HTTP/3 Datagram that includes a
        // larger value MUST be treated as an HTTP/3 connection error of type H3_DATAGRAM_ERROR".
        if (quarterStreamId <= MaxQuarterStreamId)
            return HttpDatagramReadResult.Success;

        quarterStreamId = 0;
        consumed = 0;
        return HttpDatagramReadResult.InvalidQuarterStreamId;
    }

    /// <summary>Reads the context ID at the start of an HTTP datagram payload (RFC 9298 §5).</summary>
    /// <param name="payload">
    /// What follows the quarter stream ID in a DATAGRAM frame, or the value of a DATAGRAM capsule.
    /// </param>
    /// <param name="contextId">0 to 2^62-1; <see cref="UdpPayloadContextId"/> announces a UDP payload.</param>
    /// <param name="consumed">
    /// The bytes read, after which the UDP proxying payload starts; 0 when the result is false.
    /// </param>
    /// <returns>False when the payload is too short to hold a context ID.</returns>
    public static bool ReadContextId(ReadOnlySpan<byte> payload, out ulong contextId, out int consumed) =>
        VariableLengthInteger.TryRead(payload, out contextId, out consumed);

    /// <summary>The length of what <see cref="WritePrefix"/> writes.</summary>
    /// <param name="streamId">A client-initiated bidirectional stream: 0, 4, 8 … up to 2^62-4.</param>
    /// <param name="contextId">0 to 2^62-1.</param>
    /// <returns>2 to <see cref="MaxPrefixLength"/> bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One of the identifiers is out of its range.</exception>
    public static int GetPrefixLength(long streamId, ulong contextId) =>
        VariableLengthInteger.GetLength(ToQuarterStreamId(streamId)) + VariableLengthInteger.GetLength(contextId);

    /// <summary>
    /// Writes what precedes a UDP payload in a QUIC DATAGRAM frame: quarter stream ID and context ID.
    /// </summary>
    /// <param name="destination">At least <see cref="MaxPrefixLength"/> bytes always suffice.</param>
    /// <param name="streamId">A client-initiated bidirectional stream: 0, 4, 8 … up to 2^62-4.</param>
    /// <param name="contextId">0 to 2^62-1.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One of the identifiers is out of its range.</exception>
    public static int WritePrefix(Span<byte> destination, long streamId, ulong contextId)
    {
        var written = VariableLengthInteger.Write(destination, ToQuarterStreamId(streamId));
        return written + VariableLengthInteger.Write(destination[written..], contextId);
    }

    private static ulong ToQuarterStreamId(long streamId)
    {
        // RFC 9297 §2.1: HTTP requests are sent on client-initiated bidirectional streams, which have "stream IDs that
        // are divisible by four".
        if (streamId < 0 || (streamId & 3) != 0 || (ulong)streamId > VariableLengthInteger.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(streamId), streamId, "Not a client-initiated bidirectional stream.");
        }

        return (ulong)streamId >> 2;
    }
}
