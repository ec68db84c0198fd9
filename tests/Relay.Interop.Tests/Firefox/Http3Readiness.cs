namespace Relay.Interop.Tests.Firefox;

/// <summary>
/// Firefox reads what it remembers of alternative services from disk when the first request needs it, and until that is
/// done it takes every site for one of TCP. There is nothing to ask or to observe that would tell, so this asks the
/// site itself until it is reached over HTTP/3. A site that does not listen on TCP refuses what comes too early.
/// </summary>
internal static class Http3Readiness
{
    private const string AskUntilReady = """
        const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
        const ask = () => new Promise(resolve => NetUtil.newChannel({ uri: args[0], loadUsingSystemPrincipal: true })
            .asyncOpen({
                onStartRequest() {},
                onDataAvailable(request, stream, offset, count) { NetUtil.readInputStream(stream, count); },
                onStopRequest(request, status) {
                    resolve(Components.isSuccessCode(status) &&
                        request.QueryInterface(Ci.nsIHttpChannel).protocolVersion);
                },
            }));
        while (await ask() !== "h3");
        """;

    public static Task WaitForHttp3Async(this FirefoxBrowser browser, string address) =>
        browser.RunInBrowserAsync(AskUntilReady, Limits.Start, address);
}
