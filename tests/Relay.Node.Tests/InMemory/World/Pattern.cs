namespace Relay.Node.Tests.InMemory.World;

/// <summary>
/// A byte stream without an end whose every byte follows from its place, so that a receiver knows which byte is wrong,
/// missing or doubled without keeping any.
/// </summary>
internal static class Pattern
{
    private static readonly byte[] Table = CreateTable();

    public static void Fill(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var start = (int)(offset % Table.Length);
            var part = Math.Min(destination.Length, Table.Length - start);
            Table.AsSpan(start, part).CopyTo(destination);
            destination = destination[part..];
            offset += part;
        }
    }

    public static bool Matches(ReadOnlySpan<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            var start = (int)(offset % Table.Length);
            var part = Math.Min(data.Length, Table.Length - start);
            if (!data[..part].SequenceEqual(Table.AsSpan(start, part)))
                return false;
            data = data[part..];
            offset += part;
        }
        return true;
    }

    public static byte[] Bytes(int length, long offset = 0)
    {
        var bytes = new byte[length];
        Fill(bytes, offset);
        return bytes;
    }

    // A prime length: no power of two, at which buffers end, falls on the same place twice.
    private static byte[] CreateTable()
    {
        var table = new byte[65521];
        new Random(9298).NextBytes(table);
        return table;
    }
}
