using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Node.Tokens;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.Tokens;

public class JwtKeySetTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    /// <summary>RFC 7515 appendix A.2 and A.3.</summary>
    [Theory]
    [InlineData("""
        "kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"
        """, "RS256", "eyJhbGciOiJSUzI1NiJ9",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")]
    [InlineData("""
        "kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        """, "ES256", "eyJhbGciOiJFUzI1NiJ9",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")]
    public void Vector_OfRfc7515_IsSigned_AndNothingElse(string key, string algorithm, string header, string signature)
    {
        var keys = Read($$"""{"keys":[{"kid":"a",{{key}}}]}""");
        var found = keys.Find("a", algorithm)!;
        Assert.True(found.HasSigned($"{header}.{Payload}.{signature}"));
        Assert.False(found.HasSigned($"{header}.{Payload}A.{signature}"));
        Assert.False(found.HasSigned($"{header}.{Payload}.A{signature[1..]}"));
    }

    [Fact]
    public void Keys_ThatCannotBeUsed_AreLeftOutByName()
    {
        using var issuer = new TestIssuer("good");
        using var rsa = new TestIssuer("rsa", rsa: true);
        using var weak = RSA.Create(1024);
        var keys = Read(Document(
            """{"kty":"OKP","crv":"Ed25519","kid":"ed","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwaaPJHURo4"}""",
            """{"kty":"oct","kid":"shared","k":"AAAA"}""",
            Change(issuer, "kid", null), Change(issuer, "use", "enc"), Change(issuer, "alg", "ES384"), Change(issuer, "crv", "P-521"),
            Change(issuer, "key_ops", new JsonArray("encrypt")), Change(issuer, "d", "AAAA"), Change(issuer, "y", issuer.Jwk["x"]!.GetValue<string>()),
            Change(issuer, "x", null), Change(rsa, "alg", "PS256"),
            Change(rsa, "n", System.Buffers.Text.Base64Url.EncodeToString(weak.ExportParameters(false).Modulus)),
            Change(rsa, "e", "AQAAAAE"), issuer.Jwk.ToJsonString()));
        Assert.Equal(1, keys.Count);
        Assert.NotNull(keys.Find("good", "ES256"));
        const string supported = " is not supported; RS256, and ES256 with P-256, are";
        Assert.Equal(
        [
            $"key 1: EdDSA{supported}", $"key 2: oct{supported}", "key 3: it has no kid", "key 4: it is not for signatures",
            $"key 5: ES384{supported}", $"key 6: P-521{supported}", "key 7: it is not for signatures", "key 8: it is a private key",
            "key 9: it is no EC key", "key 10: it is no EC key", $"key 11: PS256{supported}", "key 12: it is no RSA key",
            "key 13: it is no RSA key",
        ], keys.LeftOut);
    }

    [Theory]
    [InlineData("", "not a JSON Web Key Set (RFC 7517)")]
    [InlineData("[]", "not a JSON Web Key Set (RFC 7517)")]
    [InlineData("{", "not a JSON Web Key Set (RFC 7517)")]
    [InlineData("""{"keys":7}""", "not a JSON Web Key Set (RFC 7517)")]
    [InlineData("{}", "there is no key that can be used")]
    [InlineData("""{"keys":[]}""", "there is no key that can be used")]
    [InlineData("""{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a"}]}""",
        "there is no key that can be used; key 1: Ed25519 is not supported; RS256, and ES256 with P-256, are")]
    public void Document_OfNoUse_IsRefused(string content, string error)
    {
        Assert.False(JwtKeySet.TryRead(Encoding.UTF8.GetBytes(content), out var keys, out var actual));
        Assert.Null(keys);
        Assert.Equal(error, actual);
    }

    [Fact]
    public void Document_TooLarge_OrOfTooManyKeys_IsRefused()
    {
        using var issuer = new TestIssuer();
        var key = issuer.Jwk.ToJsonString();
        var most = Document([.. Enumerable.Repeat(key, JwtKeySet.MaxKeys)]);
        Assert.True(JwtKeySet.TryRead(Encoding.UTF8.GetBytes(most.PadRight(JwtKeySet.MaxLength)), out _, out _));
        Assert.False(JwtKeySet.TryRead(Encoding.UTF8.GetBytes(most.PadRight(JwtKeySet.MaxLength + 1)), out _, out var large));
        Assert.Equal("larger than 262144 bytes", large);
        Assert.False(JwtKeySet.TryRead(
            Encoding.UTF8.GetBytes(Document([.. Enumerable.Repeat(key, JwtKeySet.MaxKeys + 1)])), out _, out var many));
        Assert.Equal("more than 64 keys", many);
    }

    [Fact]
    public void Key_ReadAgain_IsTheSame_AndAnotherOfItsNameIsNot()
    {
        using var first = new TestIssuer();
        using var second = new TestIssuer();
        var key = Read(first).Find("one", "ES256")!;
        Assert.True(Read(first).Has(key));
        Assert.False(Read(second).Has(key));
    }

    internal static JwtKeySet Read(params ReadOnlySpan<TestIssuer> issuers) => Read(Encoding.UTF8.GetString(TestIssuer.Publish(issuers)));

    private static JwtKeySet Read(string document)
    {
        Assert.True(JwtKeySet.TryRead(Encoding.UTF8.GetBytes(document), out var keys, out var error), error);
        return keys;
    }

    private static string Document(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";

    private static string Change(TestIssuer issuer, string name, JsonNode? value)
    {
        var key = issuer.Jwk;
        if (value is null)
            key.Remove(name);
        else
            key[name] = value;
        return key.ToJsonString();
    }
}
