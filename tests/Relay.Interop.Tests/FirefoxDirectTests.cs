using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Origins;

namespace Relay.Interop.Tests;

/// <summary>
/// The control group: the same browser and the same sites with no relay between them. What works here is no merit of
/// the relay, and the name that works only there is unknown here.
/// </summary>
public sealed class FirefoxDirectTests
{
    [Fact]
    public async Task Without_a_relay_a_site_is_reached_by_the_name_that_everybody_knows()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var browser = await stage.StartBrowserAsync();

        await browser.OpenAsync($"{site.DirectAddress}/");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Contains(new OriginRequest("/", "HTTP/2"), site.Requests);
        await browser.QuitAsync();
    }

    [Fact]
    public async Task Without_a_relay_a_site_is_not_found_by_the_name_that_the_relay_knows()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var site = await stage.StartSiteAsync();
        var browser = await stage.StartBrowserAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => browser.OpenAsync($"{site.RelayedAddress}/"));

        Assert.Contains("about:neterror?e=dnsNotFound", failure.Message);
        Assert.Empty(site.Requests);
        await browser.QuitAsync();
    }

    [Fact]
    public async Task Without_a_relay_a_site_is_reached_over_HTTP_3()
    {
        await using var stage = await FirefoxStage.CreateAsync();
        var file = new PatternFile(1_000_000);
        var site = await stage.StartHttp3SiteAsync(file);
        var browser = await stage.StartBrowserAsync(site.BrowserPreferences);

        await browser.WaitForHttp3Async($"{site.DirectAddress}/index.html");
        await browser.OpenAsync($"{site.DirectAddress}/index.html");

        Assert.Equal(WebOrigin.Greeting, await browser.ReadGreetingAsync());
        Assert.Equal("h3", await browser.ReadProtocolAsync());
        Assert.Equal(file.Digest(), await browser.DownloadAsync("/file"));
        await browser.QuitAsync();
    }
}
