namespace Relay.Interop.Tests.Firefox;

/// <summary>What the page that is open says of itself, and what it fetches.</summary>
internal static class PageActions
{
    private const string Digest = """
        const digest = async content => {
            const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
            return content.byteLength + " " + Array.from(hash, one => one.toString(16).padStart(2, "0")).join("");
        };
        """;

    public static async Task<string> ReadGreetingAsync(this FirefoxBrowser browser) =>
        $"{await browser.RunInPageAsync("return document.getElementById('greeting').textContent;", Limits.Exchange)}";

    /// <summary>The ALPN name of the protocol that the page itself came over.</summary>
    public static async Task<string> ReadProtocolAsync(this FirefoxBrowser browser) =>
        $"{await browser.RunInPageAsync(
            "return performance.getEntriesByType('navigation')[0].nextHopProtocol;", Limits.Exchange)}";

    /// <summary>Downloads from the page's own site and returns the length and hash of what arrived.</summary>
    public static async Task<string> DownloadAsync(this FirefoxBrowser browser, string path) =>
        $"{await browser.RunInPageAsync(
            Digest + "return digest(await (await fetch(args[0], { cache: 'no-store' })).arrayBuffer());",
            Limits.Transfer,
            path)}";

    /// <summary>
    /// Uploads that many bytes of noise and returns the length and hash of what was sent, and what the site said
    /// arrived.
    /// </summary>
    public static async Task<(string Sent, string Arrived)> UploadAsync(
        this FirefoxBrowser browser, string path, int length)
    {
        var outcome = await browser.RunInPageAsync(
            Digest + """
            const [path, length] = args;
            const content = new Uint8Array(length);
            for (let at = 0; at < length; at += 65536)
                crypto.getRandomValues(content.subarray(at, Math.min(at + 65536, length)));
            const answer = await fetch(path, { method: "POST", body: content });
            return { sent: await digest(content), arrived: await answer.text() };
            """,
            Limits.Transfer,
            path,
            length);
        return ($"{outcome!["sent"]}", $"{outcome["arrived"]}");
    }
}
