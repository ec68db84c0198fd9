namespace Relay.Interop.Tests.Firefox;

/// <summary>What the page that is open says of itself.</summary>
internal static class PageReading
{
    public static async Task<string> ReadGreetingAsync(this FirefoxBrowser browser) =>
        $"{await browser.RunInPageAsync("return document.getElementById('greeting').textContent;", Limits.Exchange)}";

    /// <summary>The ALPN name of the protocol that the page itself came over.</summary>
    public static async Task<string> ReadProtocolAsync(this FirefoxBrowser browser) =>
        $"{await browser.RunInPageAsync(
            "return performance.getEntriesByType('navigation')[0].nextHopProtocol;", Limits.Exchange)}";
}
