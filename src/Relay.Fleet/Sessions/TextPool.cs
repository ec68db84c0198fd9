using System.Buffers.Binary;

namespace Relay.Fleet.Sessions;

/// <summary>
/// Short pieces of bytes in one array, each known by its place. What is freed is not used again: whoever owns the pool makes another
/// of what is left when <see cref="Freed"/> is too much.
/// </summary>
/// <param name="capacity">How many bytes have room at once; it grows.</param>
internal sealed class TextPool(int capacity = 0)
{
    private const int Prefix = sizeof(ushort);

    private byte[] _bytes = capacity == 0 ? [] : new byte[capacity];

    /// <summary>How many bytes of memory it has.</summary>
    public long Size => _bytes.Length;

    /// <summary>How many bytes there are, those that were freed among them.</summary>
    public int Used { get; private set; }

    /// <summary>How many of them were freed.</summary>
    public int Freed { get; private set; }

    /// <summary>The bytes at a place; to be used before the next are added.</summary>
    public Span<byte> this[int place] =>
        _bytes.AsSpan(place + Prefix, BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(place)));

    /// <summary>Makes room for bytes, which are the caller's to write.</summary>
    /// <returns>Their place.</returns>
    public int Add(int length)
    {
        var place = Used;
        Used = checked(place + Prefix + length);
        if (Used > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(Used, (int)Math.Min(Array.MaxLength, _bytes.Length * 3L / 2)));
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(place), checked((ushort)length));
        return place;
    }

    /// <summary>Adds bytes.</summary>
    /// <returns>Their place.</returns>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        var place = Add(bytes.Length);
        bytes.CopyTo(this[place]);
        return place;
    }

    /// <summary>The bytes at a place are of no use any more.</summary>
    public void Free(int place) => Freed += Prefix + this[place].Length;
}
