using System.Text;
using System.Text.Json.Nodes;
using Relay.Node.Tokens;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.Tokens;

/// <summary>Which tokens of an issuer are good, and what stands against each other one.</summary>
public sealed class JwtReaderTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JwtPolicy Policy = new(TestIssuer.Name, ["other.example", TestIssuer.Audience]);

    private readonly TestIssuer _issuer = new();
    private readonly TestIssuer _rsa = new("two", rsa: true);
    private readonly JwtKeySet _keys;

    public JwtReaderTests() => _keys = JwtKeySetTests.Read(_issuer, _rsa);

    public void Dispose()
    {
        _issuer.Dispose();
        _rsa.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Token_Right_SaysWhoseItIsAndForHowLong(bool rsa)
    {
        var verdict = Read((rsa ? _rsa : _issuer).Issue(Now));
        Assert.Equal(JwtFault.None, verdict.Fault);
        Assert.Equal(
            ($"{TestIssuer.Name}|alice", Now.UtcDateTime, Now.AddMinutes(10).UtcDateTime),
            (verdict.Token!.Name, verdict.Token.From, verdict.Token.Until));
    }

    [Fact]
    public void Token_ForSeveral_IsGoodWhereOneIsMeant() => Fails(
        JwtFault.None, claims: static claims => claims["aud"] = new JsonArray("a", TestIssuer.Audience));

    /// <summary>RFC 7519 §2: a NumericDate may have a fraction.</summary>
    [Fact]
    public void Token_WithFractionsOfSeconds_IsGood() => Fails(
        JwtFault.None, claims: static claims => claims["exp"] = Now.AddMinutes(1).ToUnixTimeSeconds() + 0.5);

    [Fact]
    public void Token_WithoutABeginning_IsGood() => Fails(JwtFault.None, claims: static claims => claims.Remove("nbf"));

    [Fact]
    public void Claim_OfTheOperator_NamesTheBearer()
    {
        var reader = new JwtReader(Policy with { Claim = "email" });
        var token = _issuer.Issue(Now, claims: static claims => claims["email"] = "alice@example.org");
        Assert.Equal($"{TestIssuer.Name}|alice@example.org", reader.Read(token, _keys, Now.UtcDateTime).Token!.Name);
        Assert.Equal(JwtFault.Identity, reader.Read(_issuer.Issue(Now), _keys, Now.UtcDateTime).Fault);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("PS256")]
    [InlineData("EdDSA")]
    [InlineData("")]
    public void Algorithm_OfAnotherKind_IsRefusedByName(string algorithm) =>
        Fails(JwtFault.Algorithm, header => header["alg"] = algorithm);

    /// <summary>A public key is no secret: whoever has it must not be able to sign with it.</summary>
    [Theory]
    [InlineData(false, "RS256")]
    [InlineData(true, "ES256")]
    public void Algorithm_OfAnotherKey_FindsNone(bool rsa, string algorithm) => Assert.Equal(
        JwtFault.UnknownKey, Read((rsa ? _rsa : _issuer).Issue(Now, header: header => header["alg"] = algorithm)).Fault);

    [Fact]
    public void Key_OfAnotherName_IsUnknown() => Fails(JwtFault.UnknownKey, static header => header["kid"] = "three");

    [Fact]
    public void Key_NotNamed_IsRefused() => Fails(JwtFault.NoKeyId, static header => header.Remove("kid"));

    [Fact]
    public void Key_OfTheSameNameButAnother_HasNotSigned()
    {
        using var other = new TestIssuer();
        Assert.Equal(JwtFault.Signature, Read(other.Issue(Now)).Fault);
    }

    [Fact]
    public void Keys_NoneYet_IsToldApart() => Assert.Equal(
        JwtFault.NoKeys, new JwtReader(Policy).Read(_issuer.Issue(Now), null, Now.UtcDateTime).Fault);

    [Fact]
    public void Anything_ChangedAfterwards_IsNotSigned()
    {
        var parts = _issuer.Issue(Now).Split('.');
        var other = _issuer.Issue(Now, "bob").Split('.');
        Assert.Equal(JwtFault.Signature, Read($"{parts[0]}.{other[1]}.{parts[2]}").Fault);
        Assert.Equal(JwtFault.Signature, Read($"{parts[0]}.{parts[1]}.").Fault);
        Assert.Equal(JwtFault.Signature, Read($"{parts[0]}.{parts[1]}.AAAA").Fault);
    }

    /// <summary>RFC 7515 §4.1.11: what has to be understood, and is not.</summary>
    [Fact]
    public void Header_WithSomethingCritical_IsRefused() => Fails(JwtFault.Malformed, static header =>
    {
        header["crit"] = new JsonArray("exp");
        header["exp"] = 1;
    });

    [Theory]
    [InlineData("https://id.example/")]
    [InlineData("HTTPS://ID.EXAMPLE")]
    [InlineData("https://id.example.evil")]
    [InlineData("")]
    public void Issuer_Another_IsRefused(string issuer) => Fails(JwtFault.Issuer, claims: claims => claims["iss"] = issuer);

    [Fact]
    public void Issuer_NotNamed_IsRefused() => Fails(JwtFault.Issuer, claims: static claims => claims.Remove("iss"));

    [Theory]
    [InlineData("relay.example/")]
    [InlineData("RELAY.EXAMPLE")]
    [InlineData("")]
    public void Audience_Another_IsRefused(string audience) =>
        Fails(JwtFault.Audience, claims: claims => claims["aud"] = audience);

    [Fact]
    public void Audience_NotNamed_IsRefused() => Fails(JwtFault.Audience, claims: static claims => claims.Remove("aud"));

    [Theory]
    [InlineData(-61, JwtFault.Expired)]
    [InlineData(-60, JwtFault.Expired)]
    [InlineData(-59, JwtFault.None)]
    [InlineData(1, JwtFault.None)]
    public void End_Past_IsRefusedBeyondAMinute(int seconds, object fault) => Fails(
        (JwtFault)fault, claims: claims =>
        {
            claims["nbf"] = Now.AddHours(-1).ToUnixTimeSeconds();
            claims["exp"] = Now.ToUnixTimeSeconds() + seconds;
        });

    [Fact]
    public void End_None_IsRefused() => Fails(JwtFault.Expired, claims: static claims => claims.Remove("exp"));

    [Theory]
    [InlineData(61, JwtFault.NotYetValid)]
    [InlineData(60, JwtFault.None)]
    public void Beginning_ToCome_IsRefusedBeyondAMinute(int seconds, object fault) => Fails(
        (JwtFault)fault, claims: claims => claims["nbf"] = Now.ToUnixTimeSeconds() + seconds);

    [Fact]
    public void Bearer_WithTheNameOfAUser_IsStillTheIssuers() =>
        Assert.Equal($"{TestIssuer.Name}|user:alice", Read(_issuer.Issue(Now, "user:alice")).Token!.Name);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nidentity=bob")]
    [InlineData("ä")]
    public void Bearer_WhoCannotBeShown_IsRefused(string subject) =>
        Assert.Equal(JwtFault.Identity, Read(_issuer.Issue(Now, subject)).Fault);

    [Fact]
    public void Bearer_NotNamed_OrByNoText_IsRefused()
    {
        Fails(JwtFault.Identity, claims: static claims => claims.Remove("sub"));
        Fails(JwtFault.Identity, claims: static claims => claims["email"] = "a", policy: Policy with { Claim = "none" });
        Fails(JwtFault.Identity, claims: static claims => claims["id"] = 7, policy: Policy with { Claim = "id" });
        Fails(JwtFault.Identity, claims: static claims => claims["id"] = new JsonArray("a"), policy: Policy with { Claim = "id" });
    }

    /// <summary>With its kind before it, an identity has 256 characters.</summary>
    [Fact]
    public void Bearer_AsLongAsMayBe_AndLonger()
    {
        var longest = 256 - "jwt:".Length - TestIssuer.Name.Length - 1;
        Assert.Equal(JwtFault.None, Read(_issuer.Issue(Now, new string('a', longest))).Fault);
        Assert.Equal(JwtFault.Identity, Read(_issuer.Issue(Now, new string('a', longest + 1))).Fault);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9..")]
    [InlineData("eyJhbGciOiJFUzI1NiJ9.e30.")]
    [InlineData("W10.W10.W10")]
    public void Token_NotOne_IsRefused(string token) => Assert.NotEqual(JwtFault.None, Read(token).Fault);

    /// <summary>RFC 7515 appendix A.1, signed by a shared key; RFC 7519 §6.1, by none; RFC 8037 appendix A.4, by EdDSA.</summary>
    [Theory]
    [InlineData("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", JwtFault.Algorithm)]
    [InlineData("eyJhbGciOiJub25lIn0"
        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        JwtFault.Algorithm)]
    [InlineData("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        + ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", JwtFault.Malformed)]
    public void Vectors_OfOtherAlgorithms_AreRefused(string token, object fault)
    {
        Assert.Equal((JwtFault)fault, Read(token).Fault);
        Assert.True(JwtReader.IsCompact(Encoding.ASCII.GetBytes(token)));
    }

    private void Fails(
        JwtFault fault, Action<JsonObject>? header = null, Action<JsonObject>? claims = null, JwtPolicy? policy = null) =>
        Assert.Equal(fault, Read(_issuer.Issue(Now, header: header, claims: claims), policy).Fault);

    private JwtVerdict Read(string token, JwtPolicy? policy = null) =>
        new JwtReader(policy ?? Policy).Read(token, _keys, Now.UtcDateTime);
}
