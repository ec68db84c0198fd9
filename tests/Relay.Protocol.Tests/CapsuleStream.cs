namespace Relay.Protocol.Tests;

/// <summary>Builds data streams of capsules, and feeds them to a reader in pieces.</summary>
internal sealed class CapsuleStream
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public CapsuleStream Add(ulong type, ReadOnlySpan<byte> value) =>
        AddHeader(type, (ulong)value.Length).AddRaw(value);

    public CapsuleStream AddHeader(ulong type, ulong length)
    {
        var header = new byte[Capsule.MaxHeaderLength];
        _bytes.AddRange(header.AsSpan(0, Capsule.WriteHeader(header, type, length)));
        return this;
    }

    public CapsuleStream AddRaw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Reads all pieces and returns the datagrams found, or what was found before a violation.</summary>
    public static List<string> ReadAll(CapsuleReader reader, params IEnumerable<byte[]> pieces)
    {
        var found = new List<string>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> source = piece;
            while (true)
            {
                var before = source.Length;
                var result = reader.Read(ref source, out var payload);
                Assert.InRange(source.Length, 0, before);
                if (result == CapsuleReadResult.Datagram)
                {
                    found.Add(Convert.ToHexString(payload));
                    continue;
                }

                Assert.True(payload.IsEmpty);
                if (result == CapsuleReadResult.PayloadTooLarge)
                    return [.. found, nameof(CapsuleReadResult.PayloadTooLarge)];
                Assert.True(source.IsEmpty);
                break;
            }
        }

        return found;
    }

    /// <summary>The bytes in pieces of one size; the last may be shorter.</summary>
    public static IEnumerable<byte[]> Cut(byte[] bytes, int size) => bytes.Chunk(size);

    /// <summary>The bytes in pieces of random sizes, empty ones among them.</summary>
    public static IEnumerable<byte[]> Cut(byte[] bytes, Random random, int maxSize)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var size = Math.Min(random.Next(maxSize + 1), bytes.Length - at);
            yield return bytes[at..(at + size)];
            at += size;
        }
    }
}
