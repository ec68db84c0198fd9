using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Admin.Identity;

/// <summary>
/// The tokens of a file, found by what a request shows. Where a hash lies depends on a secret of the process, and what
/// lies there is compared in constant time: how long a search takes says nothing of how near a guess was. Immutable.
/// </summary>
internal sealed class TokenTable
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxFileLength = 4 << 20;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<ulong, List<AdminToken>> _buckets = [];

    private TokenTable(IEnumerable<AdminToken> tokens)
    {
        foreach (var token in tokens)
        {
            var place = Place(token.Hash.Sha256);
            if (!_buckets.TryGetValue(place, out var bucket))
                _buckets[place] = bucket = [];
            bucket.Add(token);
            Count++;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Reads a file: a token a line; empty lines and those that begin with <c>#</c> say nothing.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="table">The tokens.</param>
    /// <param name="error">Otherwise, the line and what is wrong with it; never a part of a hash.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> content, [NotNullWhen(true)] out TokenTable? table, [NotNullWhen(false)] out string? error)
    {
        table = null;
        error = null;
        if (content.Length > MaxFileLength)
            error = $"larger than {MaxFileLength} bytes";
        var tokens = new List<AdminToken>();
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var raw in error is null ? Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n') : [])
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (!AdminToken.TryParse(line, out var token, out error))
                error = $"line {number}: {error}";
            // One name may have several tokens, so that one can be replaced without a gap; one token has one meaning.
            else if (!owners.TryAdd(token.Hash.ToString(), number))
                error = $"line {number}: {token.Name}: the same token is on line {owners[token.Hash.ToString()]}";
            if (error is not null)
                return false;
            tokens.Add(token!);
        }
        if (error is null && tokens.Count == 0)
            error = "no token in it";
        if (error is null)
            table = new TokenTable(tokens);
        return table is not null;
    }

    /// <summary>The token that a request shows, or null.</summary>
    public AdminToken? Find(ReadOnlySpan<byte> shown)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(shown, hash);
        if (!_buckets.TryGetValue(Place(hash), out var bucket))
            return null;
        AdminToken? found = null;
        foreach (var candidate in bucket)
        {
            if (CryptographicOperations.FixedTimeEquals(candidate.Hash.Sha256, hash))
                found ??= candidate;
        }
        return found;
    }

    /// <summary>Whether a token that was found before is still one, with the same name and role.</summary>
    public bool Has(AdminToken token) => _buckets.TryGetValue(Place(token.Hash.Sha256), out var bucket)
        && bucket.Any(known => known.Name == token.Name && known.Role == token.Role
            && CryptographicOperations.FixedTimeEquals(known.Hash.Sha256, token.Hash.Sha256));

    private ulong Place(ReadOnlySpan<byte> hash)
    {
        Span<byte> keyed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_secret, hash, keyed);
        return BinaryPrimitives.ReadUInt64LittleEndian(keyed);
    }
}
