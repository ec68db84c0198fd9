using System.Net;
using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Origins;

namespace Relay.Interop.Tests;

/// <summary>
/// The control group: the same browser and the same sites with no relay between them. What a site sees here is what it
/// must not see in <see cref="FirefoxRelayTests"/>.
/// </summary>
public sealed class FirefoxDirectTests
{
    [Fact]
    public async Task Without_a_relay_a_site_sees_the_browser_itself()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var browser = await stage.StartBrowserAsync();

        await browser.OpenAsync($"{site.Address}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Contains(new OriginRequest("/", "HTTP/2", IPAddress.Loopback), site.Requests);
        await browser.QuitAsync();
    }

    [Fact]
    public async Task Without_a_relay_a_site_is_reached_over_HTTP_3()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var file = new PatternFile(1_000_000);
        var site = await stage.StartHttp3SiteAsync(file);
        var browser = await stage.StartBrowserAsync(site.BrowserPreferences);

        await browser.WaitForHttp3Async(site);
        await browser.OpenAsync($"{site.Address}/index.html");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Equal("h3", await browser.ReadProtocolAsync());
        Assert.Equal(file.Digest(), await browser.DownloadAsync("/file"));
        Assert.Equal(["127.0.0.1"], site.Peers);
        await browser.QuitAsync();
    }
}
