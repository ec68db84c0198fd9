using Relay.Hosting.Options;
using Relay.Node.Options;
using Relay.Testing.Certificates;

namespace Relay.Node.Tests.Processes;

/// <summary><c>relay-node --check-config</c> and <c>--help</c>, as an operator runs them.</summary>
[Trait("Needs", "Processes")]
public sealed class CheckConfigTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BrokenFile_EveryFaultIsListedAtOnce()
    {
        var broken = Write("broken.pem", "no certificate");
        var tokens = Write("tokens", "alice:sha256$00\n");
        var config = Write("relay.json", $$"""
            {
              // Every line but this one is wrong.
              "address": ["localhost:443", "0.0.0.0"],
              "tls-cert-path": "{{broken}}",
              "tls-private-key-path": "{{broken}}",
              "auth-basic-file": "/nonexistent/users",
              "auth-bearer-file": "{{tokens}}",
              "workers": 0,
              "allow-target": ["10.0.0.0/33", "10.0.0.1/8"],
              "deny-target": "example.com",
              "outbound-ipv4": "198.51.100.7",
              "outbound-prefix-ipv4": "198.51.100.0/24",
              "outbound-interface": "nosuch0",
              "max-connections": 10,
              "max-connections-per-source": 11,
              "udp-idle-timeout-secs": 60,
              "log-format": "xml",
              "log-level": 7,
              "access-log-targets": true,
              "colour": "red",
              "workers": 4,
            }
            """);
        var (status, output, errors) = await NodeProcess.RunToEndAsync("--check-config", "--config", config);
        Assert.Equal(2, status);
        Assert.Empty(output);
        string[] faults =
        [
            "'localhost:443' is not a numeric ADDR:PORT", "'0.0.0.0' has no port", $"--tls-cert-path {broken}",
            "--auth-basic-file", "--auth-bearer-file", "--workers", "'33' is not a prefix length",
            "'10.0.0.1/8' has bits set", "'example.com' is not an IPv4 or IPv6 address", "--outbound-prefix-ipv4",
            "'nosuch0'", "11 is above --max-connections", "60 is below 120", "'xml' is not one of text, json",
            "'7' is not one of trace", "of no use without --access-log", "\"colour\"", "given more than once",
        ];
        Assert.All(faults, fault => Assert.Single(errors, line => line.Contains(fault, StringComparison.Ordinal)));
        Assert.Equal(faults.Length, errors.Length);
        Assert.All(errors, static line => Assert.StartsWith("relay-node: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task GoodFile_IsOk()
    {
        using var certificate = SelfSigned.Create("localhost");
        var config = Write("relay.json", $$"""
            {
              "address": "[::]:443",
              "tls-cert-path": "{{Write("cert.pem", certificate.ExportCertificatePem())}}",
              "tls-private-key-path": "{{Write("key.pem", certificate.ExportKeyPem())}}"
            }
            """);
        var (status, output, errors) = await NodeProcess.RunToEndAsync("--check-config", "--config", config);
        Assert.Equal((0, "configuration ok"), (status, string.Join('\n', output)));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Certificate_ThatIsOver_IsAWarning()
    {
        var now = DateTimeOffset.UtcNow;
        using var certificate = SelfSigned.Create(now.AddDays(-2), now.AddDays(-1), "localhost");
        var file = Write("cert.pem", certificate.ExportCertificatePem());
        var (status, output, errors) = await NodeProcess.RunToEndAsync(
            "--check-config", "-a", "127.0.0.1:443", "--tls-cert-path", file, "--tls-private-key-path",
            Write("key.pem", certificate.ExportKeyPem()));
        Assert.Equal((0, "configuration ok"), (status, string.Join('\n', output)));
        Assert.Equal(
            $"relay-node: warning: --tls-cert-path {file}: the certificate of CN=localhost has expired on "
                + $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC",
            Assert.Single(errors));
    }

    [Fact]
    public async Task Authority_WithoutAList_OrWithOneThatIsLate_IsAWarning()
    {
        using var certificate = SelfSigned.Create("localhost");
        using var authority = new TestAuthority();
        using var other = new TestAuthority("Other");
        var until = DateTimeOffset.UtcNow.AddMinutes(-1);
        var lists = Write("crl.pem", authority.Revoke(until));
        string[] options =
        [
            "--check-config", "-a", "127.0.0.1:443", "--tls-cert-path", Write("cert.pem", certificate.ExportCertificatePem()),
            "--tls-private-key-path", Write("key.pem", certificate.ExportKeyPem()),
            "--client-auth-root-cert-path", Write("roots.pem", authority.Pem + "\n" + other.Pem), "--client-auth-crl-path", lists,
        ];
        var (status, output, errors) = await NodeProcess.RunToEndAsync(options);
        Assert.Equal((0, "configuration ok"), (status, string.Join('\n', output)));
        Assert.Equal(
            [
                $"relay-node: warning: --client-auth-crl-path {lists}: a list of revoked certificates is over since "
                    + $"{until:yyyy-MM-dd HH:mm} UTC: nobody whom its authority signed is let in then",
                $"relay-node: warning: --client-auth-crl-path {lists}: there is no list of what CN=Other has revoked: nobody whom it signed "
                    + "is let in",
            ],
            errors);
    }

    [Fact]
    public async Task Help_HasAHeadingForEachGroup()
    {
        var (status, output, errors) = await NodeProcess.RunToEndAsync("--help");
        Assert.Equal(0, status);
        Assert.Empty(errors);
        var headings = output.Where(static line => !line.StartsWith(' ') && line.EndsWith(':')).ToArray();
        Assert.Equal(Enum.GetValues<OptionGroup>().Length, headings.Length);
        foreach (var option in OptionCatalog.All)
            Assert.Contains(output, line => line.Contains(option.Name, StringComparison.Ordinal));
    }

    private string Write(string name, string content) => _folder.Write(name, content);
}
