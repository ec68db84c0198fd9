using System.Buffers.Text;
using System.Text;
using Relay.Fuzz.Engine;
using Relay.Node.Tokens;

namespace Relay.Fuzz.Documents;

/// <summary>
/// Tokens of an issuer (RFC 7519), whose key the fuzzer has not: as they come, and as a header and claims that are
/// encoded first, divided by a line's end.
/// </summary>
internal sealed class JwtTarget() : FuzzTarget("nothing is accepted, whatever it says, that the issuer has not signed")
{
    // The key of RFC 7515, appendix A.3.
    private static readonly byte[] Keys =
        """
        {"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
        """u8.ToArray();

    private readonly JwtReader _reader = new(new JwtPolicy("joe", ["relay"]));
    private readonly JwtKeySet _keys = Read();

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("{\"alg\":\"ES256\",\"kid\":\"a\"}|\"alg\":|\"kid\":|\"crit\":|\"none\"|\"HS256\"|\"iss\":\"joe\"|\"aud\":\"relay\"|\"aud\":[|\"sub\":|"
            + "\"exp\":|\"nbf\":|99999999999|1e400|-1|null|{|}|[|]|,|:|.|eyJ|\\u0000|\n|\"zip\":\"DEF\"").Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        if (end >= 0)
            Examine($"{Base64Url.EncodeToString(input[..end])}.{Base64Url.EncodeToString(input[(end + 1)..])}.{new string('A', 86)}");
        Examine(Encoding.ASCII.GetString(input));
    }

    private void Examine(string token)
    {
        var verdict = _reader.Read(token, _keys, DateTime.UnixEpoch);
        Check.That(verdict.Token is null && verdict.Fault != JwtFault.None, "refused");
        Check.Same(verdict.Fault, _reader.Read(token, _keys, DateTime.UnixEpoch).Fault, "the same fault again");
    }

    private static JwtKeySet Read()
    {
        Check.That(JwtKeySet.TryRead(Keys, out var keys, out _), "the key");
        return keys;
    }
}
