using System.Buffers.Binary;

namespace Relay.Interop.Tests.Wire;

/// <summary>Variable-length integers (RFC 9000 section 16), written apart from the product's own.</summary>
internal static class QuicVarint
{
    public static ulong Read(ref ReadOnlySpan<byte> from)
    {
        var length = 1 << (from[0] >> 6);
        ulong value = (ulong)from[0] & 0x3f;
        foreach (var one in from[1..length])
            value = value << 8 | one;
        from = from[length..];
        return value;
    }

    public static ReadOnlySpan<byte> ReadBytes(ref ReadOnlySpan<byte> from)
    {
        var length = (int)Read(ref from);
        var bytes = from[..length];
        from = from[length..];
        return bytes;
    }

    /// <summary>Always two bytes: every length here fits in them.</summary>
    public static byte[] Write(int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 0x3fff);
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(0x4000 | value));
        return bytes;
    }
}
