using System.Collections.Immutable;

namespace Relay.Node.Tokens;

/// <summary>Which tokens of an issuer are accepted, and who their bearers are. Immutable.</summary>
/// <param name="Issuer">The issuer (<c>iss</c>), character for character; see <see cref="IsIssuer"/>.</param>
/// <param name="Audiences">A token is for one of these (<c>aud</c>); at least one.</param>
/// <param name="Claim">The claim that says whose a token is.</param>
internal sealed record JwtPolicy(string Issuer, ImmutableArray<string> Audiences, string Claim = JwtPolicy.Subject)
{
    /// <summary>The claim of RFC 7519 §4.1.2.</summary>
    public const string Subject = "sub";

    /// <summary>The longest issuer: what it names shares an identity's 256 characters with it.</summary>
    public const int MaxIssuer = 128;

    /// <summary>The longest name: with <c>jwt:</c> before it, an identity has 256 characters at most.</summary>
    private const int MaxName = 256 - 4;

    /// <summary>Whether a text can be the issuer: visible ASCII, without what ends it in an identity.</summary>
    public static bool IsIssuer(string text) =>
        text.Length is > 0 and <= MaxIssuer && IsVisible(text) && !text.Contains('|', StringComparison.Ordinal);

    /// <summary>Whose a token is, as one name: the issuer, <c>|</c>, and what the issuer calls its bearer.</summary>
    /// <returns>Null where that cannot be shown in a line of a log: it is empty, too long, or not visible ASCII.</returns>
    public string? NameOf(object? claim) =>
        claim is string { Length: > 0 } bearer && IsVisible(bearer) && Issuer.Length + 1 + bearer.Length <= MaxName
            ? $"{Issuer}|{bearer}" : null;

    private static bool IsVisible(string text) => text.All(static c => c is > ' ' and < (char)0x7f);
}
