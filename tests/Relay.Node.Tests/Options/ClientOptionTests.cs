namespace Relay.Node.Tests.Options;

public class ClientOptionTests
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    private readonly CommandLineRun _run = new();

    [Fact]
    public void Parse_NothingAskedOfClients_IsAnOpenRelay()
    {
        var config = _run.Config();
        Assert.True(config.IsOpenRelay);
        Assert.Null(config.ClientAuthRootCertPath);
    }

    [Fact]
    public void Parse_EveryKind_IsBound()
    {
        _run.WithFile("roots.pem", "x").WithFile("basic", "# nobody yet").WithFile("bearer", $"a:sha256${Zeros}");
        var config = _run.Config(
            "--client-auth-root-cert-path", "roots.pem", "--auth-basic-file", "basic", "--auth-bearer-file", "bearer");
        Assert.False(config.IsOpenRelay);
        Assert.Equal(
            ("roots.pem", "basic", "bearer"),
            (config.ClientAuthRootCertPath, config.AuthBasicFile, config.AuthBearerFile));
    }

    [Theory]
    [InlineData("--client-auth-root-cert-path")]
    [InlineData("--auth-basic-file")]
    [InlineData("--auth-bearer-file")]
    public void Parse_AnyKind_IsNoOpenRelay(string option) =>
        Assert.False(_run.WithFile("file", "").Config(option, "file").IsOpenRelay);

    [Fact]
    public void Parse_FilesNotUnderstood_AreNamedTogether() =>
        _run.WithFile("basic", "alice:secret").WithFile("bearer", "\nbob").Fails(
            ["--client-auth-root-cert-path", "gone", "--auth-basic-file", "basic", "--auth-bearer-file", "bearer"],
            "--client-auth-root-cert-path: 'gone' does not exist",
            "--auth-basic-file: 'basic' line 1: alice: expected pbkdf2-sha256$ITERATIONS$SALT$HASH",
            "--auth-bearer-file: 'bearer' line 2: expected a name of 1 to 128 visible ASCII characters, a colon and a "
                + "hash");
}
