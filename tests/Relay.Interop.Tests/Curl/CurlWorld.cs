using System.Text.RegularExpressions;
using Relay.Interop.Tests.Origins;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Curl;

/// <summary>A relay that tells all that it does, a web site, and curl, which goes to the site through the relay.</summary>
internal sealed class CurlWorld : IAsyncDisposable
{
    private readonly string _metrics = $"127.0.0.1:{Ports.FreeTcp()}";

    private CurlWorld() => Trust = Folder.Write("authority.pem", Authority.Pem);

    public ScratchFolder Folder { get; } = new();

    /// <summary>Whom curl trusts, as relay and as site.</summary>
    public TestAuthority Authority { get; } = new();

    /// <summary>The file of its certificate.</summary>
    public string Trust { get; }

    public RelayProcess Relay { get; private set; } = null!;

    /// <summary>A site without TLS: what its bytes cost is the relay's.</summary>
    public WebOrigin Site { get; private set; } = null!;

    /// <summary>The relay's certificate and key, which may be replaced.</summary>
    public CertificateFiles Files { get; private set; } = null!;

    public static Task<CurlWorld> StartAsync(params string[] options) => StartAsync(_ => options);

    /// <summary>Starts it all.</summary>
    /// <param name="options">Options of the relay, which may name files of the world's.</param>
    public static Task<CurlWorld> StartAsync(Func<CurlWorld, string[]> options) =>
        new CurlWorld().ReadyAfterAsync(async world =>
        {
            world.Site = await WebOrigin.StartAsync(null, null);
            world.Files = world.Publish(world.Authority);
            world.Relay = await RelayProcess.StartAsync(
                world.Files, ["--access-log", "-", "--metrics-address", world._metrics, .. options(world)]);
        });

    /// <summary>Writes a certificate of the relay, in place of the one before.</summary>
    public CertificateFiles Publish(TestAuthority authority)
    {
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        return CertificateFiles.Write(Folder, "relay", certificate);
    }

    /// <summary>The command by which curl does something through the relay.</summary>
    public string[] Command(string version, params string[] arguments) =>
    [
        .. CurlProgram.Require(version), "--silent", "--show-error", "--proxy", $"https://127.0.0.1:{Relay.Port}",
        "--proxy-cacert", Trust, "--proxytunnel", .. arguments,
    ];

    public ChildProcess Start(string version, params string[] arguments) =>
        ChildProcess.Start(Command(version, arguments), name: "curl");

    /// <summary>Runs curl to its end, and returns its status and all that it wrote.</summary>
    public async Task<(int Status, string Output)> EndAsync(string version, params string[] arguments)
    {
        await using var curl = Start(version, arguments);
        var status = await curl.WaitForExitAsync(Limits.Exchange);
        return (status, string.Join('\n', curl.Log.Lines));
    }

    /// <summary>The same, where it must end well.</summary>
    public async Task<string> RunAsync(string version, params string[] arguments)
    {
        var (status, output) = await EndAsync(version, arguments);
        Assert.True(status == 0, $"curl ended with {status}: {output}\n{Relay.Log.Describe()}");
        return output;
    }

    /// <summary>
    /// Every tunnel so far was one of this version, by metric and by access log, and there were so many; and so was every
    /// connection.
    /// </summary>
    public async Task AssertTunnelsAsync(string version, int count, string type = "tcp")
    {
        await AssertCountedAsync(version, count);
        await AssertLoggedAsync(version, count, type);
    }

    /// <summary>The same by metric alone, while the tunnels are open; null where nobody had a connection.</summary>
    public async Task AssertCountedAsync(string? version, int count)
    {
        foreach (var other in (string[])["1.1", "2", "3"])
        {
            Assert.Equal(other == version ? count : 0, await CountTunnelsAsync(other));
            Assert.Equal(other == version, 0 < await MetricAsync(
                $@"relay_http_connections_total\{{.*version=""{Regex.Escape(other)}"".*\}}"));
        }
    }

    /// <summary>The same by access log alone, also where the relay has ended.</summary>
    public async Task AssertLoggedAsync(string version, int count, string type = "tcp")
    {
        await Relay.Log.WaitForAsync($@"\bhttp={Regex.Escape(version)} type={type} ", Limits.Exchange, count);
        Assert.Equal(count, Relay.Log.Lines.Count(static line => line.Contains(" type=", StringComparison.Ordinal)));
    }

    /// <summary>Tunnels of a version so far.</summary>
    public Task<long> CountTunnelsAsync(string version) =>
        MetricAsync($@"relay_http_tunnels_total\{{.*version=""{Regex.Escape(version)}"".*\}}");

    /// <summary>The value of the metric whose name and labels match; 0 as long as there is none.</summary>
    public async Task<long> MetricAsync(string pattern)
    {
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync($"http://{_metrics}/metrics", TestContext.Current.CancellationToken);
        var match = Regex.Match(metrics, $@"(?m)^{pattern} (\d+)");
        return match.Success ? long.Parse(match.Groups[1].Value) : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (Relay is not null)
            await Relay.DisposeAsync();
        if (Site is not null)
            await Site.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }
}
