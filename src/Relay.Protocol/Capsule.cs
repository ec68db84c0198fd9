namespace Relay.Protocol;

/// <summary>
/// The header of a capsule: type and length (RFC 9297 §3.2). <see cref="CapsuleReader"/> reads whole capsules.
/// </summary>
public static class Capsule
{
    /// <summary>The longest header, in bytes.</summary>
    public const int MaxHeaderLength = 2 * VariableLengthInteger.MaxLength;

    /// <summary>Reads the header at the start of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes of a data stream, starting where a capsule starts.</param>
    /// <param name="type">The capsule type, 0 to 2^62-1; 0 when the result is false.</param>
    /// <param name="length">
    /// The length of the value that follows, in bytes, 0 to 2^62-1; 0 when the result is false.
    /// </param>
    /// <param name="consumed">The bytes read: 2 to <see cref="MaxHeaderLength"/>; 0 when the result is false.</param>
    /// <returns>False when more bytes are needed. There is no other failure.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> source, out ulong type, out ulong length, out int consumed)
    {
        if (VariableLengthInteger.TryRead(source, out type, out var typeLength)
            && VariableLengthInteger.TryRead(source[typeLength..], out length, out var lengthLength))
        {
            consumed = typeLength + lengthLength;
            return true;
        }

        type = 0;
        length = 0;
        consumed = 0;
        return false;
    }

    /// <summary>
    /// Writes the header of a capsule; <paramref name="length"/> bytes of value must follow it on the stream.
    /// </summary>
    /// <param name="destination">At least <see cref="MaxHeaderLength"/> bytes always suffice.</param>
    /// <param name="type">0 to 2^62-1; see <see cref="CapsuleType"/>.</param>
    /// <param name="length">The length of the value, in bytes, 0 to 2^62-1.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type or the length is above 2^62-1.</exception>
    public static int WriteHeader(Span<byte> destination, ulong type, ulong length)
    {
        var written = VariableLengthInteger.Write(destination, type);
        return written + VariableLengthInteger.Write(destination[written..], length);
    }
}
