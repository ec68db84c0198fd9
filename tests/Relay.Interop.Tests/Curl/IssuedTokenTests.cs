using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Tokens;

namespace Relay.Interop.Tests.Curl;

/// <summary>Tokens of an issuer, shown by curl to relay-node.</summary>
public sealed class IssuedTokenTests
{
    private const int RefusedTunnel = 56;
    private const string Name = $@"jwt:{TestIssuer.Name}\|alice";

    private static readonly string[] Policy =
        ["--auth-jwt-issuer", TestIssuer.Name, "--auth-jwt-audience", TestIssuer.Audience, "--auth-challenge-status", "401"];

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Token_NamesItsBearer_AndItsKeysAreRotated(string version)
    {
        using var issuer = new TestIssuer("one");
        using var next = new TestIssuer("two", rsa: true);
        await using var world = await CurlWorld.StartAsync(
            world => [.. Policy, "--auth-jwt-jwks", world.Folder.Write("keys.json", Publish(issuer))]);
        var site = $"{world.Site.PlainAddress}/";
        var (first, second) = (Issue(issuer), Issue(next));

        string[] show = version == "2" ? ["--verbose", "--trace-config", "all"] : ["--verbose"];
        var (status, output) = await world.EndAsync(version, [.. show, .. Show(second), site]);
        Assert.Equal(RefusedTunnel, status);
        Assert.Matches(@"\bHTTP/[0-9.]+ 401\b", output);
        Assert.Matches("(?i) www-authenticate: Bearer realm=\"relay\", error=\"invalid_token\"", output);
        Assert.Empty(world.Site.Requests);
        await world.RunAsync(version, [.. Show(first), site]);
        await world.Relay.Log.WaitForAsync($@"\bhttp={version} .* identity={Name}(\s|$)", Limits.Exchange);

        world.Folder.Write("keys.json", Publish(next));
        world.Relay.HangUp();
        await world.Relay.Log.WaitForAsync("token keys reloaded", Limits.Exchange);
        await world.RunAsync(version, [.. Show(second), site]);
        Assert.Equal(RefusedTunnel, (await world.EndAsync(version, [.. Show(first), site])).Status);
        await world.Relay.StopAsync();
        Assert.All(world.Relay.Log.Lines, line => Assert.All(
            first.Split('.').Concat(second.Split('.')),
            part => Assert.DoesNotContain(part, line, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Keys_OfAUrl_AreFetched()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        using var issuer = new TestIssuer("one");
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        await using var site = await WebOrigin.StartAsync(null, null);
        await using var keys = await PublishAsync(certificate, Publish(issuer));
        var trust = folder.Write("authority.pem", authority.Pem);
        await using var relay = await RelayProcess.StartAsync(
            authority, new Dictionary<string, string> { ["SSL_CERT_FILE"] = trust },
            [.. Policy, "--access-log", "-", "--auth-jwt-jwks", $"{keys.Urls.Single()}/keys"]);
        await relay.Log.WaitForAsync($@"\b1 key\(s\) of {TestIssuer.Name} are in use", Limits.Exchange);

        await using var curl = ChildProcess.Start(
        [
            .. CurlProgram.Require("1.1"), "--silent", "--show-error", "--proxy", $"https://127.0.0.1:{relay.Port}",
            "--proxy-cacert", trust, "--proxytunnel", .. Show(Issue(issuer)), $"{site.PlainAddress}/",
        ], name: "curl");
        Assert.Equal(0, await curl.WaitForExitAsync(Limits.Exchange));
        await relay.Log.WaitForAsync($@" identity={Name}(\s|$)", Limits.Exchange);
        await relay.StopAsync();
    }

    private static async Task<WebApplication> PublishAsync(X509Certificate2 certificate, string document)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var site = builder.Build();
        site.MapGet("/keys", context => context.Response.WriteAsync(document));
        await site.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    private static string Publish(TestIssuer issuer) => Encoding.UTF8.GetString(TestIssuer.Publish(issuer));

    private static string Issue(TestIssuer issuer) => issuer.Issue(DateTimeOffset.UtcNow);

    private static string[] Show(string token) => ["--proxy-header", $"Proxy-Authorization: Bearer {token}"];
}
