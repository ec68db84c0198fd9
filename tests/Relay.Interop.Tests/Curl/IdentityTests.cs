using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Curl;

/// <summary>Who a client is, by HTTP/1.1 and by HTTP/2: what docs/identity.md says holds for all versions.</summary>
public sealed class IdentityTests
{
    private const string Token = "0123456789abcdefghijklmnop";

    // curl(1), EXIT CODES.
    private const int RefusedTunnel = 56;
    private const int UntrustedProxy = 60;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Certificate_LetsItsClientIn_AndNamesIt(string version)
    {
        await using var world = await StartWithRootsAsync();
        using var certificate = world.Authority.IssueClient("alice");

        await world.RunAsync(version, [.. Show(world, certificate), $"{world.Site.PlainAddress}/"]);
        await world.Relay.Log.WaitForAsync(
            $@"\bhttp={version} .* identity=certificate:{certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()}\b",
            Limits.Exchange);
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Certificate_OfAnother_OrNone_FailsTheHandshakeWithAnAlert(string version)
    {
        await using var world = await StartWithRootsAsync();
        using var others = new TestAuthority();
        using var certificate = others.IssueClient("mallory");

        foreach (var shown in (string[][])[[], Show(world, certificate)])
        {
            var (status, output) = await world.EndAsync(version, [.. shown, $"{world.Site.PlainAddress}/"]);
            Assert.NotEqual(0, status);
            Assert.Contains("alert", output, StringComparison.Ordinal);
        }
        Assert.Empty(world.Site.Requests);
        Assert.DoesNotContain(world.Relay.Log.Lines, line => line.Contains("established", StringComparison.Ordinal));
        await world.AssertCountedAsync(null, 0);
        Assert.DoesNotContain(world.Relay.Log.Lines, line => line.Contains(" type=", StringComparison.Ordinal));
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Basic_IsAskedFor_AndNamesItsUser(string version)
    {
        await using var world = await StartWithCredentialsAsync();
        var site = $"{world.Site.PlainAddress}/";

        foreach (var wrong in (string[][])[[], ["--proxy-user", "alice:guess"]])
        {
            // Of HTTP/2 to a proxy curl shows no more than its steps.
            string[] show = version == "2" ? ["--verbose", "--trace-config", "all"] : ["--verbose"];
            var (status, output) = await world.EndAsync(version, [.. show, .. wrong, site]);
            Assert.Equal(RefusedTunnel, status);
            Assert.Matches(@"\bHTTP/[0-9.]+ 407\b", output);
            Assert.Matches("(?i) proxy-authenticate: Basic realm=", output);
        }
        Assert.Empty(world.Site.Requests);
        await world.RunAsync(version, "--proxy-user", "alice:secret", site);
        await world.Relay.Log.WaitForAsync($@"\bhttp={version} .* identity=credential:alice\b", Limits.Exchange);
        // The guess had begun one, while its password was looked at.
        await world.AssertTunnelsAsync(version, 2);
        await world.Relay.StopAsync();
    }

    /// <summary>By HTTP/2 curl takes the challenge for the end.</summary>
    [Fact]
    public async Task Basic_AfterTheChallenge_IsTaken()
    {
        await using var world = await StartWithCredentialsAsync();
        await world.RunAsync("1.1", "--proxy-anyauth", "--proxy-user", "alice:secret", $"{world.Site.PlainAddress}/");
        await world.Relay.Log.WaitForAsync(@"\bhttp=1\.1 .* identity=credential:alice\b", Limits.Exchange);
        await world.AssertTunnelsAsync("1.1", 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Bearer_NamesWhoHasTheToken(string version)
    {
        await using var world = await StartWithCredentialsAsync();
        var site = $"{world.Site.PlainAddress}/";

        var (status, _) = await world.EndAsync(version, "--proxy-header", "Proxy-Authorization: Bearer x" + Token, site);
        Assert.Equal(RefusedTunnel, status);
        Assert.Empty(world.Site.Requests);
        await world.RunAsync(version, "--proxy-header", $"Proxy-Authorization: Bearer {Token}", site);
        await world.Relay.Log.WaitForAsync($@"\bhttp={version} .* identity=credential:phone\b", Limits.Exchange);
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task ServersCertificate_RenewedDuringADownload_IsThatOfNewConnections(string version)
    {
        await using var world = await CurlWorld.StartAsync();
        await using var download = await HeldDownload.StartAsync(world, version);
        using var next = new TestAuthority();
        string[] trustNext = ["--proxy-cacert", world.Folder.Write("next.pem", next.Pem), $"{world.Site.PlainAddress}/"];
        Assert.Equal(UntrustedProxy, (await world.EndAsync(version, trustNext)).Status);

        world.Publish(next);
        world.Relay.HangUp();
        await world.Relay.Log.WaitForAsync("certificates reloaded", Limits.Exchange);

        await world.RunAsync(version, trustNext);
        Assert.Equal(UntrustedProxy, (await world.EndAsync(version, $"{world.Site.PlainAddress}/")).Status);
        await download.FinishAsync();
        await world.AssertTunnelsAsync(version, 2);
        await world.Relay.StopAsync();
    }

    private static Task<CurlWorld> StartWithRootsAsync() =>
        CurlWorld.StartAsync(static world => ["--client-auth-root-cert-path", world.Trust]);

    private static Task<CurlWorld> StartWithCredentialsAsync() => CurlWorld.StartAsync(world =>
    {
        var hash = Rfc2898DeriveBytes.Pbkdf2("secret", "saltsalt"u8.ToArray(), 1000, HashAlgorithmName.SHA256, 32);
        var user = $"alice:pbkdf2-sha256$1000${Convert.ToBase64String("saltsalt"u8)}${Convert.ToBase64String(hash)}\n";
        var token = $"phone:sha256${Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Token)))}\n";
        return
        [
            "--auth-basic-file", world.Folder.Write("basic", user),
            "--auth-bearer-file", world.Folder.Write("bearer", token),
        ];
    });

    private static string[] Show(CurlWorld world, X509Certificate2 certificate)
    {
        var files = CertificateFiles.Write(world.Folder, "client", certificate);
        return ["--proxy-cert", files.Certificate, "--proxy-key", files.Key];
    }
}
