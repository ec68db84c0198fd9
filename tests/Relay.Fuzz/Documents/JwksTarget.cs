using System.Text;
using Relay.Fuzz.Engine;
using Relay.Node.Tokens;

namespace Relay.Fuzz.Documents;

/// <summary>The keys of an issuer (RFC 7517).</summary>
internal sealed class JwksTarget() : FuzzTarget(
    "keys, or what is wrong; a line each for those that are left out, without control characters")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("{\"keys\":[|\"kty\":\"EC\"|\"kty\":\"RSA\"|\"crv\":\"P-256\"|\"kid\":\"a\"|\"x\":|\"y\":|\"n\":|\"e\":\"AQAB\"|\"alg\":|\"use\":|\"key_ops\":[|"
            + "\"d\":|\"x5c\":[|\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"|\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"|"
            + "\"\\n\"|null|{|}|[|]|,").Split('|').Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (!JwtKeySet.TryRead(input, out var keys, out var error))
        {
            Check.That(error.Length > 0 && !error.Any(char.IsControl), "a reason");
            return;
        }
        Check.That(keys.Count is > 0 and <= JwtKeySet.MaxKeys, "keys, and not too many");
        Check.That(keys.LeftOut.All(static line => line.Length > 0 && !line.Any(char.IsControl)), "a reason each");
    }
}
