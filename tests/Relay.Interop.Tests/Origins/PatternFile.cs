using System.Security.Cryptography;

namespace Relay.Interop.Tests.Origins;

/// <summary>A file of any length that no part of is like another, made as it is sent, and its SHA-256.</summary>
internal sealed record PatternFile(long Length)
{
    private const int BlockLength = 64 * 1024;

    /// <summary>The length and the hash, as whoever received the file reports them.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var block in Blocks())
            hash.AppendData(block.Span);
        return $"{Length} {Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    public async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        foreach (var block in Blocks())
            await stream.WriteAsync(block, cancellation);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        var random = new Random(9298);
        var block = new byte[BlockLength];
        for (var left = Length; left > 0; left -= BlockLength)
        {
            random.NextBytes(block);
            yield return block.AsMemory(0, (int)Math.Min(left, BlockLength));
        }
    }
}
