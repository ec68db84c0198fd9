using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Relay.Node.Tokens;

/// <summary>
/// Tokens that were verified, by a hash with a secret of the process, until their end: a client's second tunnel need not
/// wait for what its first has shown. Wrong ones are not remembered. Read by any thread, written by one at a time.
/// </summary>
internal sealed class VerifiedTokens
{
    /// <summary>Tokens that are remembered.</summary>
    public const int MaxTokens = 16_384;

    /// <summary>Characters of their names together: 4 MiB.</summary>
    public const int MaxCharacters = 2 << 20;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<UInt128, VerifiedToken> _tokens = new();
    private int _characters;

    /// <summary>How many are remembered.</summary>
    public int Count => _tokens.Count;

    /// <summary>A token for this process alone.</summary>
    public UInt128 KeyOf(ReadOnlySpan<byte> token)
    {
        Span<byte> keyed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_secret, token, keyed);
        return MemoryMarshal.Read<UInt128>(keyed);
    }

    /// <summary>What is known of a token; null for nothing.</summary>
    public VerifiedToken? Find(UInt128 key) => _tokens.GetValueOrDefault(key);

    /// <summary>Remembers one.</summary>
    /// <param name="key">Of <see cref="KeyOf"/>.</param>
    /// <param name="token">What is known of it.</param>
    /// <param name="isOver">Whether one is of no use any more, and forgotten where there is no room.</param>
    public void Add(UInt128 key, VerifiedToken token, Predicate<VerifiedToken> isOver)
    {
        Remove(key);
        if (IsFull(token))
            Forget(isOver);
        // All of them are good still: verifying them again costs less than knowing which to keep.
        if (IsFull(token))
            Forget(static _ => true);
        _tokens[key] = token;
        _characters += token.Name.Length;
    }

    private void Forget(Predicate<VerifiedToken> which)
    {
        foreach (var (key, token) in _tokens)
        {
            if (which(token))
                Remove(key);
        }
    }

    private void Remove(UInt128 key)
    {
        if (_tokens.TryRemove(key, out var token))
            _characters -= token.Name.Length;
    }

    private bool IsFull(VerifiedToken next) =>
        _tokens.Count >= MaxTokens || _characters + next.Name.Length > MaxCharacters;
}
