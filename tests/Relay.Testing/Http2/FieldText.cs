using System.Text;

namespace Relay.Testing.Http2;

/// <summary>What fields consist of in HPACK, and in QPACK: strings behind their length (RFC 7541 §5), without Huffman's code.</summary>
internal static class FieldText
{
    /// <param name="text">The string, a byte a character.</param>
    /// <param name="bits">How many bits of the first byte are the length's.</param>
    /// <param name="flags">The others.</param>
    public static byte[] Write(string text, int bits = 7, byte flags = 0) =>
        [.. Integer(text.Length, bits, flags), .. Encoding.Latin1.GetBytes(text)];

    private static List<byte> Integer(int value, int bits, byte flags)
    {
        var most = (1 << bits) - 1;
        if (value < most)
            return [(byte)(flags | value)];
        List<byte> bytes = [(byte)(flags | most)];
        for (value -= most; value >= 0x80; value >>= 7)
            bytes.Add((byte)(0x80 | (value & 0x7f)));
        bytes.Add((byte)value);
        return bytes;
    }
}
