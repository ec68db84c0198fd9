using Relay.Interop.Tests.Relays;

namespace Relay.Interop.Tests.Firefox;

/// <summary>
/// Tells Firefox to send every request through a relay. The browser has no setting for it: its own VPN feature hands
/// such a proxy to the network stack from privileged code, and so does this.
/// </summary>
internal static class MasqueProxy
{
    private const string Template = "/.well-known/masque/udp/{target_host}/{target_port}/";

    private const string Register = """
        const [kind, host, port, template] = args;
        const { TRANSPARENT_PROXY_RESOLVES_HOST, ALWAYS_TUNNEL_VIA_PROXY } = Ci.nsIProxyInfo;
        const flags = TRANSPARENT_PROXY_RESOLVES_HOST | ALWAYS_TUNNEL_VIA_PROXY;
        const service = Cc["@mozilla.org/network/protocol-proxy-service;1"].getService(Ci.nsIProtocolProxyService);
        const https = () => service.newProxyInfo("https", host, port, "", "", flags, 0, null);
        const masque = next => service.newMASQUEProxyInfo(host, port, template, "", "", flags, 0, next);
        const relay = kind === "https" ? https() : masque(kind === "masque" ? null : https());
        service.registerChannelFilter({
            QueryInterface: ChromeUtils.generateQI(["nsIProtocolProxyChannelFilter"]),
            applyFilter(channel, proxy, callback) { callback.onProxyFilterResult(relay); },
        }, 0);
        return relay.type + (relay.failoverProxy ? ", then " + relay.failoverProxy.type : "");
        """;

    /// <summary>By HTTP/3 over QUIC.</summary>
    public static Task UseRelayAsync(this FirefoxBrowser browser, RelayProcess relay) =>
        RegisterAsync(browser, "masque", relay.Port, "masque");

    /// <summary>By TLS over TCP, in the version of HTTP that the two agree upon.</summary>
    public static Task UseRelayByTcpAsync(this FirefoxBrowser browser, RelayProcess relay) =>
        RegisterAsync(browser, "https", relay.Port, "https");

    /// <summary>By QUIC, and by TCP where that does not get through.</summary>
    public static Task UseRelayByEitherAsync(this FirefoxBrowser browser, int port) =>
        RegisterAsync(browser, "either", port, "masque, then https");

    private static async Task RegisterAsync(FirefoxBrowser browser, string kind, int port, string registered)
    {
        var type = await browser.RunInBrowserAsync(
            Register, Limits.Exchange, kind, RelayProcess.Name, port, Template);
        Assert.Equal(registered, $"{type}");
    }
}
