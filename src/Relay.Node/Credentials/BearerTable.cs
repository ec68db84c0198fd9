using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Node.Credentials;

/// <summary>
/// Finds the name of a token. Where a hash lies in the table depends on a secret of the process, and what lies there is
/// compared in constant time: how long a search takes says nothing of how near a guess was. Immutable.
/// </summary>
internal sealed class BearerTable
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<ulong, List<(byte[] Hash, string Name)>> _buckets = [];

    /// <summary>Takes over a file's tokens.</summary>
    public BearerTable(IReadOnlyDictionary<string, TokenHash> tokens)
    {
        foreach (var (name, token) in tokens)
        {
            var place = Place(token.Sha256);
            if (!_buckets.TryGetValue(place, out var bucket))
                _buckets[place] = bucket = [];
            bucket.Add((token.Sha256, name));
        }
    }

    /// <summary>The name of a token, or <see langword="null"/>.</summary>
    public string? Find(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(token, hash);
        if (!_buckets.TryGetValue(Place(hash), out var bucket))
            return null;
        string? found = null;
        foreach (var (candidate, name) in bucket)
        {
            if (CryptographicOperations.FixedTimeEquals(candidate, hash))
                found ??= name;
        }
        return found;
    }

    private ulong Place(ReadOnlySpan<byte> hash)
    {
        Span<byte> keyed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_secret, hash, keyed);
        return BinaryPrimitives.ReadUInt64LittleEndian(keyed);
    }
}
