using System.Net.Sockets;
using Relay.Hosting;
using Relay.Node.Diagnostics.Export;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.Diagnostics.Export;

/// <summary>Probes and errors over HTTP.</summary>
public sealed class DiagnosticsServerTests : IDisposable
{
    private readonly WatchedNode _node = new();
    private readonly TelemetryExport _export;
    private readonly HttpClient _client = new();

    public DiagnosticsServerTests() => _export = new TelemetryExport(_node.Meter.Name, default);

    public void Dispose()
    {
        _client.Dispose();
        _export.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task Starting_IsAliveAndNotReady()
    {
        await using var server = await StartAsync();
        Assert.Equal(
            (HttpStatusCode.OK, """{"live":true,"loops":0,"stalledLoops":[]}"""), await GetAsync(server, "/livez"));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"ready":false,"reasons":[{"condition":"relay","reason":"the relay is starting"}]}"""),
            await GetAsync(server, "/readyz"));
    }

    [Fact]
    public async Task Ready_UntilAConditionFails()
    {
        await using var server = await StartAsync();
        _node.Diagnostics.Attach(_node.Relay);
        Assert.Equal((HttpStatusCode.OK, """{"ready":true,"reasons":[]}"""), await GetAsync(server, "/readyz"));
        var lease = _node.Diagnostics.Readiness.Register("lease", "no lease of \"pool\" yet");
        _node.Diagnostics.Drain.Fail("the node drains");
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"ready":false,"reasons":[{"condition":"drain","reason":"the node drains"},{"condition":"lease","reason":"no lease of \u0022pool\u0022 yet"}]}"""),
            await GetAsync(server, "/readyz"));
        lease.Meet();
        _node.Diagnostics.Drain.Meet();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/readyz")).Status);
    }

    [Fact]
    public async Task Live_UntilALoopHasNotTurnedForFiveSeconds()
    {
        await using var server = await StartAsync();
        _node.Diagnostics.Attach(_node.Relay);
        _node.Relay.HeartbeatAges = [TimeSpan.FromSeconds(4.999), TimeSpan.Zero];
        Assert.Equal(
            (HttpStatusCode.OK, """{"live":true,"loops":2,"stalledLoops":[]}"""), await GetAsync(server, "/livez"));
        _node.Relay.HeartbeatAges = [TimeSpan.Zero, TimeSpan.FromSeconds(5)];
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"live":false,"loops":2,"stalledLoops":[1]}"""),
            await GetAsync(server, "/livez"));
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/more", HttpStatusCode.NotFound)]
    [InlineData("GET", "/Metrics", HttpStatusCode.NotFound)]
    [InlineData("POST", "/METRICS", HttpStatusCode.NotFound)]
    [InlineData("HEAD", "/livez", HttpStatusCode.OK)]
    [InlineData("POST", "/livez", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/metrics", HttpStatusCode.MethodNotAllowed)]
    public async Task OtherRequests_AreRefused(string method, string path, HttpStatusCode status)
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://{server.Address}{path}");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Metrics_WithAToken_AreForWhoShowsIt_AndProbesForAll()
    {
        const string Token = "token-of-prometheus-in-this-test";
        using var folder = new ScratchFolder();
        var file = folder.Write("token", Token + "\n");
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), _node.Diagnostics, _export, file);

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/metrics")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/metrics", "another-token-than-is-in-the-file")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/metrics", Token)).Status);
        Assert.All(
            await Task.WhenAll(((string[])["/Metrics", "/METRICS", "/metrics/", "//metrics", "/%6Detrics/"]).Select(path => GetAsync(server, path))),
            static answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/livez")).Status);
        // It is what is in the file now; what is none lets nobody in.
        folder.Write("token", "the-token-that-follows-it");
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/metrics", Token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(server, "/metrics", "the-token-that-follows-it")).Status);
        folder.Write("token", "");
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/metrics", "")).Status);
        File.Delete(file);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(server, "/metrics", Token)).Status);
    }

    [Fact]
    public async Task Port_InUse_IsAnErrorThatNamesOptionAndAddress()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = (IPEndPoint)taken.LocalEndpoint;
        var error = await Assert.ThrowsAsync<StartException>(
            () => DiagnosticsServer.StartAsync(address, _node.Diagnostics, _export));
        Assert.Equal($"--metrics-address: {address}: the port is in use (EADDRINUSE)", error.Message);
    }

    [Fact]
    public async Task Address_OfAnotherMachine_IsAnErrorThatNamesOptionAndAddress()
    {
        // RFC 5737: of documentation, and of no machine.
        var error = await Assert.ThrowsAsync<StartException>(() => DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9), _node.Diagnostics, _export));
        Assert.StartsWith("--metrics-address: 192.0.2.1:9: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private Task<DiagnosticsServer> StartAsync() =>
        DiagnosticsServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), _node.Diagnostics, _export);

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(
        DiagnosticsServer server, string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{server.Address}{path}");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
