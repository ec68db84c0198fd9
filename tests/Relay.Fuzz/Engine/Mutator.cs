namespace Relay.Fuzz.Engine;

/// <summary>Makes inputs without coverage: noise, and those of a corpus changed here and there.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<byte[]> words)
{
    private const int MaxLength = 4096;

    /// <summary>The input of a seed; the same seed has the same.</summary>
    public byte[] Next(int seed)
    {
        var random = new Random(seed);
        if (corpus.Count == 0 || random.Next(16) == 0)
            return Noise(random, random.Next(random.Next(4) == 0 ? 1024 : 64));
        var bytes = new List<byte>(corpus[random.Next(corpus.Count)]);
        if (random.Next(6) == 0)
            Splice(bytes, corpus[random.Next(corpus.Count)], random);
        for (var edits = 1 << random.Next(6); edits > 0; edits--)
            Edit(bytes, random);
        if (bytes.Count > MaxLength)
            bytes.RemoveRange(MaxLength, bytes.Count - MaxLength);
        return [.. bytes];
    }

    private static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    private static void Splice(List<byte> bytes, byte[] other, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(random.Next(other.Length + 1)..));
    }

    private void Edit(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var left = bytes.Count - at;
        switch (random.Next(9))
        {
            case 0 when left > 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1 when left > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when left > 0:
                bytes[at] = (byte)(bytes[at] + random.Next(-16, 17));
                break;
            case 3 when left > 0:
                bytes.RemoveRange(at, random.Next(1, Math.Min(left, 32) + 1));
                break;
            case 4 when left > 0:
                // Once more what is there, somewhere else.
                bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, random.Next(1, Math.Min(left, 64) + 1)));
                break;
            case 5 when left > 0:
                bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => 0x7f };
                break;
            case 6 or 7 when words.Count > 0:
                bytes.InsertRange(at, words[random.Next(words.Count)]);
                break;
            default:
                bytes.InsertRange(at, Noise(random, random.Next(1, 9)));
                break;
        }
    }
}
