using System.Diagnostics.CodeAnalysis;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Identity;

/// <summary>The tokens of a file, found by what a request shows. Immutable.</summary>
internal sealed class TokenTable
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxFileLength = 4 << 20;

    private readonly TokenTable<AdminToken> _tokens;

    private TokenTable(List<AdminToken> tokens)
    {
        _tokens = new TokenTable<AdminToken>(tokens.Select(static token => (token.Hash, token)));
        Count = tokens.Count;
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
        foreach (var (number, line) in error is null ? CredentialLine.Enumerate(content) : [])
        {
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
    public AdminToken? Find(ReadOnlySpan<byte> shown) => _tokens.Find(shown);

    /// <summary>Whether a token that was found before is still one, with the same name and role.</summary>
    public bool Has(AdminToken token) => _tokens.FindHash(token.Hash.Sha256) is { } known
        && known.Name == token.Name && known.Role == token.Role;
}
