using Relay.Testing.Tokens;

namespace Relay.Node.Tests.Options;

public sealed class JwtOptionTests : IDisposable
{
    private static readonly string[] Right =
        ["--auth-jwt-issuer", "https://id.example/", "--auth-jwt-jwks", "keys.json", "--auth-jwt-audience", "relay"];

    private readonly TestIssuer _issuer = new();
    private readonly CommandLineRun _run = new();

    public JwtOptionTests() => _run.WithFile("keys.json", TestIssuer.Publish(_issuer));

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public void Parse_AFile_IsBound_AndNoOpenRelay()
    {
        var config = _run.Config([.. Right, "--auth-jwt-audience", "other", "--auth-jwt-claim", "email"]);
        Assert.Equal(
            ("https://id.example/", "email", "keys.json", null),
            (config.Jwt!.Policy.Issuer, config.Jwt.Policy.Claim, config.Jwt.KeyFile, config.Jwt.KeyUrl));
        Assert.Equal(["relay", "other"], config.Jwt.Policy.Audiences);
        Assert.False(config.IsOpenRelay);
    }

    [Fact]
    public void Parse_AUrl_IsNotFetched()
    {
        var config = _run.Config(Change("--auth-jwt-jwks", "https://id.example/jwks?a=b"));
        Assert.Equal((null, new Uri("https://id.example/jwks?a=b"), "sub"),
            (config.Jwt!.KeyFile, config.Jwt.KeyUrl, config.Jwt.Policy.Claim));
    }

    [Fact]
    public void Parse_None_AsksForNoTokens()
    {
        var config = _run.Config();
        Assert.Null(config.Jwt);
        Assert.Equal(407, config.ChallengeStatus);
    }

    [Fact]
    public void Parse_ChallengeStatus_Is401WhereItIsAskedFor()
    {
        Assert.Equal(401, _run.Config("--auth-challenge-status", "401").ChallengeStatus);
        _run.Fails(["--auth-challenge-status", "403"], "--auth-challenge-status: '403' is not one of 407, 401");
    }

    [Fact]
    public void Parse_APart_NamesTheRest() => _run.Fails(
        ["--auth-jwt-claim", "email"],
        "--auth-jwt-issuer: needed with --auth-jwt-claim", "--auth-jwt-jwks: needed with --auth-jwt-claim",
        "--auth-jwt-audience: needed with --auth-jwt-claim");

    /// <summary>Whoever can change the keys on their way decides who gets in: on the machine itself as well.</summary>
    [Theory]
    [InlineData("http://id.example/jwks", "'http://id.example/jwks' is neither a file nor a URL of https")]
    [InlineData("http://127.0.0.1/jwks", "'http://127.0.0.1/jwks' is neither a file nor a URL of https")]
    [InlineData("file:///etc/keys", "'file:///etc/keys' is neither a file nor a URL of https")]
    [InlineData("https://", "'https://' is neither a file nor a URL of https")]
    [InlineData("https://alice:secret@id.example/jwks", "a URL with a name or a password is not taken")]
    [InlineData("gone.json", "'gone.json' does not exist")]
    [InlineData("cert.pem", "'cert.pem' not a JSON Web Key Set (RFC 7517)")]
    public void Parse_KeysThatCannotBe_AreNamed(string keys, string error) =>
        _run.Fails(Change("--auth-jwt-jwks", keys), $"--auth-jwt-jwks: {error}");

    [Theory]
    [InlineData("a|b")]
    [InlineData("a b")]
    public void Parse_AnIssuerThatCannotBeInAnIdentity_IsNamed(string issuer) => _run.Fails(
        Change("--auth-jwt-issuer", issuer),
        $"--auth-jwt-issuer: '{issuer}' is not 1 to 128 visible ASCII characters without |");

    [Fact]
    public void Parse_Nothing_IsNamedAsEmpty() =>
        _run.Fails(Change("--auth-jwt-audience", ""), "--auth-jwt-audience: empty");

    private static string[] Change(string option, string value) =>
        [.. Right.Select((text, i) => i > 0 && Right[i - 1] == option ? value : text)];
}
