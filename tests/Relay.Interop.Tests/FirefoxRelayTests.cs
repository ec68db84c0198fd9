using System.Net;
using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;

namespace Relay.Interop.Tests;

/// <summary>
/// Firefox behind the relay. Two things prove each time that nothing went past it: the site sees the relay's outbound
/// address and no other, and the relay's own log names the kind of tunnel.
/// </summary>
public sealed class FirefoxRelayTests
{
    [Fact]
    public async Task A_page_is_loaded_through_CONNECT()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync();
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);

        await browser.OpenAsync($"{site.Address}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        AssertCameThroughTheRelay(site);
        await relay.Log.WaitForAsync(RelayLog.TcpTunnel, Limits.Exchange);
        await browser.QuitAsync();
        await relay.StopAsync();
    }

    [Fact]
    public async Task A_large_file_arrives_whole_through_CONNECT()
    {
        var file = new PatternFile(100_000_000);
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync();
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);
        await browser.OpenAsync($"{site.Address}/");

        Assert.Equal(file.Digest(), await browser.DownloadAsync($"/file/{file.Length}"));
        AssertCameThroughTheRelay(site);
        await browser.QuitAsync();
        await relay.StopAsync();
    }

    [Fact]
    public async Task An_upload_arrives_whole_through_CONNECT()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var relay = await stage.StartRelayAsync();
        var browser = await stage.StartBrowserAsync();
        await browser.UseRelayAsync(relay);
        await browser.OpenAsync($"{site.Address}/");

        var (sent, arrived) = await browser.UploadAsync("/digest", 50_000_000);

        Assert.StartsWith("50000000 ", sent);
        Assert.Equal(sent, arrived);
        AssertCameThroughTheRelay(site);
        await browser.QuitAsync();
        await relay.StopAsync();
    }

    [Fact]
    public async Task An_HTTP_3_site_is_reached_through_CONNECT_UDP()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var file = new PatternFile(5_000_000);
        var site = await stage.StartHttp3SiteAsync(file);
        var relay = await stage.StartRelayAsync();
        var browser = await stage.StartBrowserAsync(site.BrowserPreferences);
        await browser.UseRelayAsync(relay);

        await browser.WaitForHttp3Async(site);
        await browser.OpenAsync($"{site.Address}/index.html");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Equal("h3", await browser.ReadProtocolAsync());
        Assert.Equal(file.Digest(), await browser.DownloadAsync("/file"));
        Assert.Equal([RelayProcess.OutboundAddress], site.Peers);
        await relay.Log.WaitForAsync(RelayLog.UdpTunnel, Limits.Exchange);
        await browser.QuitAsync();
        await relay.StopAsync();
    }

    private static void AssertCameThroughTheRelay(WebOrigin site)
    {
        Assert.NotEmpty(site.Requests);
        Assert.All(site.Requests, one => Assert.Equal(IPAddress.Parse(RelayProcess.OutboundAddress), one.From));
    }
}
