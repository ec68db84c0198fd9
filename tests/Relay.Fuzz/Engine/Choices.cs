using System.Buffers.Binary;

namespace Relay.Fuzz.Engine;

/// <summary>
/// Makes decisions of an input's bytes, so that whoever changes bytes changes what is done, step by step, and the same
/// input does the same again. Past the end every decision is the first.
/// </summary>
internal ref struct Choices(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _left = input;

    public readonly bool IsOver => _left.IsEmpty;

    public byte Byte()
    {
        if (_left.IsEmpty)
            return 0;
        var value = _left[0];
        _left = _left[1..];
        return value;
    }

    public bool Flag() => (Byte() & 1) != 0;

    /// <summary>0 to below <paramref name="bound"/>.</summary>
    public int Below(int bound) => bound <= 256 ? Byte() % bound : (int)(Number() % (ulong)bound);

    /// <summary>One of some.</summary>
    public T Of<T>(scoped ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>Of one byte, of two or of eight: small ones often, and those at the edges of what integers hold.</summary>
    public ulong Number()
    {
        var kind = Byte();
        switch (kind >> 6)
        {
            case 0:
                return kind & 0x3fu;
            case 1:
                return Byte() | ((kind & 0x3fu) << 8);
            case 2:
                return (1ul << (kind & 0x3f)) - (Byte() & 3u);
            default:
                Span<byte> bytes = stackalloc byte[8];
                for (var i = 0; i < bytes.Length; i++)
                    bytes[i] = Byte();
                return BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }
    }

    /// <summary>At most so many of the next bytes.</summary>
    public ReadOnlySpan<byte> Take(int most)
    {
        var taken = _left[..Math.Min(most, _left.Length)];
        _left = _left[taken.Length..];
        return taken;
    }

    /// <summary>So many bytes: the next ones, over and over.</summary>
    public byte[] Fill(int length)
    {
        var filled = new byte[length];
        var pattern = Take(Math.Min(length, 16));
        for (var i = 0; i < length && !pattern.IsEmpty; i++)
            filled[i] = pattern[i % pattern.Length];
        return filled;
    }

    public readonly ReadOnlySpan<byte> Rest => _left;
}
