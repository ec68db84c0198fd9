using Relay.Protocol;

namespace Relay.Testing.Quic;

/// <summary>Takes integers (RFC 9000 §16) and bytes from the front of what was received.</summary>
internal static class WireReader
{
    /// <exception cref="InvalidDataException">It is cut off.</exception>
    public static ulong Integer(ref ReadOnlySpan<byte> source)
    {
        if (!VariableLengthInteger.TryRead(source, out var value, out var consumed))
            throw new InvalidDataException("An integer is cut off.");
        source = source[consumed..];
        return value;
    }

    public static ulong[] Integers(ref ReadOnlySpan<byte> source, int count)
    {
        var numbers = new ulong[count];
        for (var i = 0; i < count; i++)
            numbers[i] = Integer(ref source);
        return numbers;
    }

    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public static byte[] Bytes(ref ReadOnlySpan<byte> source, ulong length)
    {
        if (length > (ulong)source.Length)
            throw new InvalidDataException("A frame is cut off.");
        var bytes = source[..(int)length].ToArray();
        source = source[bytes.Length..];
        return bytes;
    }

    /// <summary>Bytes whose number is before them.</summary>
    public static byte[] Block(ref ReadOnlySpan<byte> source) => Bytes(ref source, Integer(ref source));
}
