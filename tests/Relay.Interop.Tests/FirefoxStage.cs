using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Relay.Interop.Tests.Firefox;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;
using Relay.Fleet.Local;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests;

/// <summary>
/// Where a browser test plays: a network without a way out, an authority that the browser trusts, and certificates for
/// the sites. What the test starts here is gone when the stage is, in the reverse order.
/// </summary>
internal sealed class FirefoxStage : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly List<OutputLog> _logs = [];
    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly NetworkNamespace _network;

    private FirefoxStage(NetworkNamespace network)
    {
        _network = network;
        _certificate = _authority.IssueServer(SiteNames.Direct, SiteNames.BehindRelay);
        _started.Push(network);
    }

    /// <summary>Skips the test where the browser, or a namespace for it, is not to be had.</summary>
    public static async Task<FirefoxStage> CreateAsync()
    {
        FirefoxBrowser.RequireInstalled();
        return new FirefoxStage(await NetworkNamespace.CreateAsync());
    }

    public async Task<WebOrigin> StartSiteAsync() =>
        Keep(await WebOrigin.StartAsync(_network, _certificate));

    /// <summary>A site that speaks HTTP/3 alone and has a page and a file.</summary>
    public async Task<Http3Origin> StartHttp3SiteAsync(PatternFile file)
    {
        var documents = _folder.Folder("site");
        await File.WriteAllTextAsync(Path.Combine(documents, "index.html"), WebOrigin.Page);
        await using (var stream = File.Create(Path.Combine(documents, "file")))
            await file.WriteAsync(stream, TestContext.Current.CancellationToken);
        var site = Keep(await Http3Origin.StartAsync(
            _network, CertificateFiles.Write(_folder, "site", _certificate), documents));
        _logs.Add(site.Log);
        return site;
    }

    public async Task<RelayProcess> StartRelayAsync(params string[] options)
    {
        var relay = Keep(await RelayProcess.StartAsync(_authority, _network, options));
        _logs.Add(relay.Log);
        return relay;
    }

    /// <summary>A way to the relay on which UDP is lost, as in networks that let none through.</summary>
    /// <returns>Where it is lost, by the port of that way.</returns>
    public SilentUdp LoseUdpTo(RelayProcess relay)
    {
        var way = Keep(_network.Run(() => new TcpSwitch(relay.Port, open: () => _network.Run(static () =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)))));
        return Keep(_network.Run(() => new SilentUdp(way.Port)));
    }

    public async Task<FirefoxBrowser> StartBrowserAsync(IReadOnlyDictionary<string, object>? preferences = null) =>
        Keep(await FirefoxBrowser.StartAsync(_network, _authority, preferences));

    /// <summary>Settings by which the browser uses what <c>relayctl profile firefox</c> writes of a relay.</summary>
    public async Task<Dictionary<string, object>> ProfileOfAsync(RelayProcess relay)
    {
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig());
        await using var admin = await AdminApp.StartAsync(fleet.Fleet);
        var path = _folder.File("relay.pac");
        await using var relayctl = OwnProgram.Start("relayctl",
            "profile", "firefox", "--server", admin.Address.AbsoluteUri, "--token-file", _folder.Write("vera", admin.Tokens["vera"]),
            "--relay", $"{RelayProcess.Name}:{relay.Port}", "--output", path);
        Assert.True(await relayctl.WaitForExitAsync(Limits.Start) == 0, relayctl.Log.Describe());
        // What the settings' dialog sets: automatic proxy configuration URL.
        return new() { ["network.proxy.type"] = 2, ["network.proxy.autoconfig_url"] = new Uri(path).AbsoluteUri };
    }

    public async ValueTask DisposeAsync()
    {
        // A runner shows this where the test failed: only both sides' accounts explain what went wrong between them.
        foreach (var log in _logs)
            TestContext.Current.TestOutputHelper?.WriteLine(log.Describe());
        await EndAllAsync();
        _certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    /// <summary>Ends everything that was started, also when something fails to end.</summary>
    private async ValueTask EndAllAsync()
    {
        if (!_started.TryPop(out var last))
            return;
        try
        {
            await last.DisposeAsync();
        }
        finally
        {
            await EndAllAsync();
        }
    }

    private T Keep<T>(T one) where T : IAsyncDisposable
    {
        _started.Push(one);
        return one;
    }
}
