using System.Text;
using Relay.Fuzz.Engine;
using Relay.Node.Counters;
using Relay.Node.Credentials;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9110 §11.4, RFC 7617 §2: credentials.</summary>
internal sealed class AuthorizationTarget() : FuzzTarget(
    "credentials are of the characters that they may have, and a name ends before its colon")
{
    public override IReadOnlyList<byte[]> Words { get; } =
        [.. "Basic |Bearer |basic |YTpi|==|=| |\t|Digest ".Split('|').Select(Encoding.ASCII.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var kind = AuthorizationField.Read(input, out var credentials);
        Check.That(
            credentials.Length <= (kind == AuthenticationKind.Basic ? AuthorizationField.MaxPassword : AuthorizationField.MaxToken),
            "no longer than is looked at");
        Check.That(credentials.IsEmpty || kind is AuthenticationKind.Basic or AuthenticationKind.Bearer, "of a scheme");
        foreach (var letter in credentials)
            Check.That(char.IsAsciiLetterOrDigit((char)letter) || "-._~+/="u8.Contains(letter), "a token68");
        var buffer = new byte[AuthorizationField.MaxToken];
        if (!AuthorizationField.TryDecodeBasic(credentials, buffer, out var length, out var colon))
            return;
        Check.That(length <= credentials.Length, "not longer decoded");
        Check.That(colon > 0 && colon < length && buffer[colon] == ':', "the colon");
        Check.That(!buffer.AsSpan(0, colon).Contains((byte)':'), "the first colon");
        Check.Same(
            Encoding.ASCII.GetString(credentials), Convert.ToBase64String(buffer.AsSpan(0, length)), "encoded as it came");
    }
}
