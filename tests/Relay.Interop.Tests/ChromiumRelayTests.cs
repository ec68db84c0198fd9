using System.Security.Cryptography;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests;

/// <summary>
/// Chromium, which knows a relay as a secure web proxy: over TCP, by HTTP/2 where the proxy has that. As of Firefox, the
/// site's name is known to the relay alone.
/// </summary>
public sealed class ChromiumRelayTests
{
    [Fact]
    public async Task A_page_is_loaded_through_HTTP_2()
    {
        var program = InstalledProgram.Require("chromium-headless-shell", "chromium-headless-shell");
        await using var network = await NetworkNamespace.CreateAsync();
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        using var certificate = authority.IssueServer(SiteNames.BehindRelay, RelayProcess.Name, "127.0.0.1");
        await using var site = await WebOrigin.StartAsync(network, certificate);
        await using var relay = await RelayProcess.StartAsync(
            CertificateFiles.Write(folder, "relay", certificate), network, "--access-log", "-");

        // It has no option that names an authority: known keys are excepted.
        var key = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        await using var browser = network.Start(
            program,
            [
                "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", $"--user-data-dir={folder.Folder("profile")}",
                $"--ignore-certificate-errors-spki-list={key}", $"--proxy-server=https://127.0.0.1:{relay.Port}",
                "--dump-dom", $"{site.RelayedAddress}/",
            ],
            new Dictionary<string, string> { ["HOME"] = folder.Folder("home"), ["TMPDIR"] = folder.Folder("tmp") });
        var status = await browser.WaitForExitAsync(Limits.Exchange);

        Assert.True(status == 0, browser.Log.Describe());
        Assert.Contains(browser.Log.Lines, static line => line.Contains(WebOrigin.Greeting, StringComparison.Ordinal));
        Assert.Contains(new OriginRequest("/", "HTTP/2"), site.Requests);
        await relay.StopAsync();
        relay.AssertSpoken("2");
    }
}
