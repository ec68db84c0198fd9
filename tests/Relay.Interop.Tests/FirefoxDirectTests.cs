using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relay.Interop.Tests.Certificates;
using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Origins;

namespace Relay.Interop.Tests;

/// <summary>
/// The control group: the same browser and the same site with no relay between them. What these tests see is what the
/// relayed ones must not see.
/// </summary>
public sealed class FirefoxDirectTests
{
    [Fact]
    public async Task Without_a_relay_the_site_sees_the_browser_itself()
    {
        await using var network = await NetworkNamespace.CreateAsync();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer("localhost");
        await using var origin = await WebOrigin.StartAsync(network, certificate, HttpProtocols.Http1AndHttp2);
        await using var browser = await FirefoxBrowser.StartAsync(network, authority);

        await browser.OpenAsync($"{origin.Address}/");

        var greeting = await browser.RunInPageAsync(
            "return document.getElementById('greeting').textContent;", Limits.Exchange);
        Assert.Equal("Hello from the origin", $"{greeting}");
        Assert.Contains(new OriginRequest("/", "HTTP/2", IPAddress.Loopback), origin.Requests);
        await browser.QuitAsync();
    }
}
