using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Hosting.Credentials;

/// <summary>
/// Finds the owner of a token. Where a hash lies in the table depends on a secret of the process, and what lies there is
/// compared in constant time: how long a search takes says nothing of how near a guess was. Immutable.
/// </summary>
public sealed class TokenTable<TOwner>
    where TOwner : class
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<ulong, List<(byte[] Hash, TOwner Owner)>> _buckets = [];

    /// <summary>Takes over tokens and whose they are.</summary>
    public TokenTable(IEnumerable<(TokenHash Token, TOwner Owner)> tokens)
    {
        foreach (var (token, owner) in tokens)
        {
            var place = Place(token.Sha256);
            if (!_buckets.TryGetValue(place, out var bucket))
                _buckets[place] = bucket = [];
            bucket.Add((token.Sha256, owner));
        }
    }

    /// <summary>Whose a token is that somebody shows; null for nobody's.</summary>
    public TOwner? Find(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(token, hash);
        return FindHash(hash);
    }

    /// <summary>Whose the token of a hash is; null for nobody's.</summary>
    /// <param name="hash">Its SHA-256.</param>
    public TOwner? FindHash(ReadOnlySpan<byte> hash)
    {
        if (!_buckets.TryGetValue(Place(hash), out var bucket))
            return null;
        TOwner? found = null;
        foreach (var (candidate, owner) in bucket)
        {
            if (CryptographicOperations.FixedTimeEquals(candidate, hash))
                found ??= owner;
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
