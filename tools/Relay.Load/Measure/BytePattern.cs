using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Relay.Load.Measure;

/// <summary>The contents that are sent, known to whoever receives them.</summary>
internal static class BytePattern
{
    private const ulong Step = 0x9e3779b97f4a7c15;
    private const int Shifts = 256;
    private static readonly byte[] Bytes = CreateBytes();

    /// <summary>
    /// The body of a datagram: another one for each of 256 sequence numbers, so that a swapped or cut body is seen.
    /// </summary>
    public static ReadOnlySpan<byte> Body(ulong sequence, int length) => Bytes.AsSpan((int)(sequence % Shifts), length);

    /// <summary>Fills with a stream's bytes from an offset on. The stream does not repeat.</summary>
    /// <param name="destination">Any length.</param>
    /// <param name="offset">Where in the stream it begins.</param>
    public static void FillStream(Span<byte> destination, long offset)
    {
        var index = (ulong)offset / sizeof(ulong);
        var skip = (int)(offset % sizeof(ulong));
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        if (skip > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, ++index * Step);
            var part = Math.Min(sizeof(ulong) - skip, destination.Length);
            word.Slice(skip, part).CopyTo(destination);
            destination = destination[part..];
        }
        var words = MemoryMarshal.Cast<byte, ulong>(destination);
        var value = index * Step;
        for (var i = 0; i < words.Length; i++)
        {
            value += Step;
            words[i] = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
        }
        var rest = destination[(words.Length * sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value + Step);
        word[..rest.Length].CopyTo(rest);
    }

    private static byte[] CreateBytes()
    {
        var bytes = new byte[65536 + Shifts];
        FillStream(bytes, 0);
        // The low bytes of the stream's words step evenly; the body's neighbours should differ in every byte.
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] ^= (byte)((i * 167) + (i >> 8));
        return bytes;
    }
}
