using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Relay.Hosting.Credentials;

/// <summary>
/// A bearer token at rest: its SHA-256, as <c>sha256$HEX</c>. A token is random, of 128 bits or more, so that neither a
/// salt nor a slow hash would add anything.
/// </summary>
/// <param name="Sha256">32 bytes.</param>
public sealed record TokenHash(byte[] Sha256)
{
    private const string Scheme = "sha256$";

    /// <summary>The fewest characters of a token: 128 bits in base64.</summary>
    public const int MinLength = 22;

    /// <summary>Hashes a token.</summary>
    public static TokenHash Create(ReadOnlySpan<byte> token) => new(SHA256.HashData(token));

    /// <summary>A new token of 256 bits.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>
    /// What stands against a text as a token; null for nothing. RFC 6750 §2.1 says what one is made of.
    /// </summary>
    public static string? FaultOf(string token)
    {
        if (token.Length < MinLength)
            return $"a token has {MinLength} characters or more";
        var body = token.TrimEnd('=');
        return body.Length > 0 && body.All(static c =>
            char.IsAsciiLetterOrDigit(c) || "-._~+/".Contains(c, StringComparison.Ordinal))
            ? null : "a token has letters, digits and -._~+/ only, and = at its end";
    }

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out TokenHash? hash, [NotNullWhen(false)] out string? error)
    {
        hash = null;
        error = $"expected {Scheme} and 64 hexadecimal digits";
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || text.Length != Scheme.Length + 64
            || !text.Skip(Scheme.Length).All(char.IsAsciiHexDigit))
            return false;
        hash = new TokenHash(Convert.FromHexString(text.AsSpan(Scheme.Length)));
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Scheme + Convert.ToHexStringLower(Sha256);
}
