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
        const [host, port, template] = args;
        const { TRANSPARENT_PROXY_RESOLVES_HOST, ALWAYS_TUNNEL_VIA_PROXY } = Ci.nsIProxyInfo;
        const service = Cc["@mozilla.org/network/protocol-proxy-service;1"].getService(Ci.nsIProtocolProxyService);
        const relay = service.newMASQUEProxyInfo(
            host, port, template, "", "", TRANSPARENT_PROXY_RESOLVES_HOST | ALWAYS_TUNNEL_VIA_PROXY, 0, null);
        service.registerChannelFilter({
            QueryInterface: ChromeUtils.generateQI(["nsIProtocolProxyChannelFilter"]),
            applyFilter(channel, proxy, callback) { callback.onProxyFilterResult(relay); },
        }, 0);
        return relay.type;
        """;

    public static async Task UseRelayAsync(this FirefoxBrowser browser, RelayProcess relay)
    {
        var type = await browser.RunInBrowserAsync(
            Register, Limits.Exchange, RelayProcess.Name, relay.Port, Template);
        Assert.Equal("masque", $"{type}");
    }
}
