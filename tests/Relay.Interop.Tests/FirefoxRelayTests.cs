using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;

namespace Relay.Interop.Tests;

/// <summary>
/// Firefox behind the relay. Two things prove each time that the way led through it: the site's name is known to the
/// relay alone, and the relay's log has a tunnel of the right kind that carried as much.
/// </summary>
public sealed class FirefoxRelayTests
{
    // A handshake and a request are no less than this; what is counted is the payload of the tunnel.
    private const int OneRequest = 500;

    [Fact]
    public async Task A_page_is_loaded_through_CONNECT()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--no-tcp");
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);

        await browser.OpenAsync($"{site.RelayedAddress}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Equal("h2", await browser.ReadProtocolAsync());
        Assert.Contains(new OriginRequest("/", "HTTP/2"), site.Requests);
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: OneRequest, bytesDown: OneRequest);
    }

    [Fact]
    public async Task A_page_is_loaded_through_HTTP_2_over_TCP()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--access-log", "-");
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayByTcpAsync(relay);

        await browser.OpenAsync($"{site.RelayedAddress}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: OneRequest, bytesDown: OneRequest);
        relay.AssertSpoken("2");
    }

    [Fact]
    public async Task A_page_is_loaded_by_the_profile_of_relayctl()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--access-log", "-");
        var browser = await stage.StartBrowserAsync(await stage.ProfileOfAsync(relay));

        await browser.OpenAsync($"{site.RelayedAddress}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: OneRequest, bytesDown: OneRequest);
        relay.AssertSpoken("2");
    }

    [Fact]
    public async Task A_page_is_loaded_where_UDP_does_not_get_through()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--access-log", "-");
        var lost = stage.LoseUdpTo(relay);
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayByEitherAsync(lost.Port);

        await browser.OpenAsync($"{site.RelayedAddress}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: OneRequest, bytesDown: OneRequest);
        relay.AssertSpoken("2");
        Assert.True(lost.Initials > 0, "the browser has not tried QUIC");
    }

    [Fact]
    public async Task A_large_file_arrives_whole_through_CONNECT()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var file = new PatternFile(100_000_000);
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--no-tcp");
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);
        await browser.OpenAsync($"{site.RelayedAddress}/");

        Assert.Equal(file.Digest(), await browser.DownloadAsync($"/file/{file.Length}"));

        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: OneRequest, bytesDown: file.Length);
    }

    [Fact]
    public async Task An_upload_arrives_whole_through_CONNECT()
    {
        const int length = 50_000_000;
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync("--no-tcp");
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);
        await browser.OpenAsync($"{site.RelayedAddress}/");

        var (sent, arrived) = await browser.UploadAsync("/digest", length);

        Assert.StartsWith($"{length} ", sent);
        Assert.Equal(sent, arrived);
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertTcpTunnel(bytesUp: length, bytesDown: OneRequest);
    }

    [Fact]
    public async Task An_HTTP_3_site_is_reached_through_CONNECT_UDP()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var file = new PatternFile(5_000_000);
        var site = await stage.StartHttp3SiteAsync(file);
        var relay = await stage.StartRelayAsync("--no-tcp");
        var browser = await stage.StartBrowserAsync(site.BrowserPreferences);
        await browser.WaitForHttp3Async($"{site.DirectAddress}/index.html");
        await browser.UseRelayAsync(relay);

        await browser.OpenAsync($"{site.RelayedAddress}/index.html");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Equal("h3", await browser.ReadProtocolAsync());
        Assert.Equal(file.Digest(), await browser.DownloadAsync("/file"));
        await browser.QuitAsync();
        await relay.StopAsync();
        relay.AssertUdpTunnel(bytesUp: OneRequest, bytesDown: file.Length);
    }

    [Fact]
    public async Task A_refusal_reaches_the_user_at_once()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartHttp3SiteAsync(new PatternFile(1)); // so that nothing listens on its port of TCP
        var relay = await stage.StartRelayAsync("--no-tcp");
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => browser.OpenAsync($"{site.RelayedAddress}/", Limits.AtOnce));

        Assert.Contains("about:neterror?", failure.Message);
        await relay.Log.WaitForAsync(@"\bTCP tunnel ended: Refused\b", Limits.Exchange);
        await browser.QuitAsync();
        await relay.StopAsync();
    }
}
