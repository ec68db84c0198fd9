using System.Buffers.Binary;

namespace Relay.Protocol;

/// <summary>
/// The variable-length integer of QUIC, which HTTP/3, HTTP datagrams and capsules share (RFC 9000 §16).
/// </summary>
public static class VariableLengthInteger
{
    /// <summary>The largest value that can be encoded, 2^62-1 (RFC 9000 §16).</summary>
    public const ulong MaxValue = (1UL << 62) - 1;

    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxLength = 8;

    /// <summary>Reads one integer from the start of <paramref name="source"/>.</summary>
    /// <remarks>
    /// Every complete encoding is valid: "values do not need to be encoded on the minimum number of bytes necessary"
    /// (RFC 9000 §16).
    /// </remarks>
    /// <param name="source">Bytes that begin with the integer; what follows it is ignored.</param>
    /// <param name="value">The integer, 0 to <see cref="MaxValue"/>; 0 when the result is false.</param>
    /// <param name="consumed">The bytes read: 1, 2, 4 or 8; 0 when the result is false.</param>
    /// <returns>False when more bytes are needed. There is no other failure.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        if (!source.IsEmpty)
        {
            // RFC 9000 §16: the two most significant bits of the first byte are the base-2 logarithm of the length.
            var length = 1 << (source[0] >> 6);
            if (source.Length >= length)
            {
                consumed = length;
                value = length switch
                {
                    1 => source[0],
                    2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3FFFUL,
                    4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x3FFF_FFFFUL,
                    _ => BinaryPrimitives.ReadUInt64BigEndian(source) & MaxValue,
                };
                return true;
            }
        }

        value = 0;
        consumed = 0;
        return false;
    }

    /// <summary>The length of the shortest encoding of <paramref name="value"/>.</summary>
    /// <param name="value">0 to <see cref="MaxValue"/>.</param>
    /// <returns>1, 2, 4 or 8 bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is above <see cref="MaxValue"/>.</exception>
    public static int GetLength(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        return value switch
        {
            < 1UL << 6 => 1,
            < 1UL << 14 => 2,
            < 1UL << 30 => 4,
            _ => 8,
        };
    }

    /// <summary>Writes the shortest encoding of <paramref name="value"/>.</summary>
    /// <param name="destination">Where to write; left untouched when the result is false.</param>
    /// <param name="value">0 to <see cref="MaxValue"/>.</param>
    /// <param name="written">The bytes written: 1, 2, 4 or 8; 0 when the result is false.</param>
    /// <returns>False when the destination is too short.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is above <see cref="MaxValue"/>.</exception>
    public static bool TryWrite(Span<byte> destination, ulong value, out int written)
    {
        var length = GetLength(value);
        if (destination.Length < length)
        {
            written = 0;
            return false;
        }

        switch (length)
        {
            case 1:
                destination[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | (1UL << 14)));
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(value | (2UL << 30)));
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(destination, value | (3UL << 62));
                break;
        }

        written = length;
        return true;
    }

    /// <summary>
    /// Writes the shortest encoding of <paramref name="value"/> to a destination known to be large enough.
    /// </summary>
    /// <param name="destination">
    /// At least <see cref="GetLength"/> bytes; <see cref="MaxLength"/> always suffice.
    /// </param>
    /// <param name="value">0 to <see cref="MaxValue"/>.</param>
    /// <returns>The bytes written: 1, 2, 4 or 8.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value is above <see cref="MaxValue"/>.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        if (!TryWrite(destination, value, out var written))
            throw new ArgumentException("The destination is shorter than the encoded integer.", nameof(destination));
        return written;
    }
}
