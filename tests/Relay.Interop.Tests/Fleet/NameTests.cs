using System.Text.RegularExpressions;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet;

/// <summary>Two node processes of one name, and a coordinator.</summary>
public sealed class NameTests
{
    private const string NodeToken = "token-of-both-nodes-in-this-test-01234567890";
    private const string ViewerToken = "token-of-the-viewer-in-this-test-01234567890";

    [Fact]
    public async Task SecondProcess_OfANodesName_IsNotReadyUntilTheFirstIsGone()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        await using var coordinator = new Coordinator(
            folder.WriteTokens(("node-*", "node", NodeToken), ("vera", "viewer", ViewerToken)), ["--fleet", "local"]);
        await coordinator.StartAsync();
        using var api = new FleetApi([coordinator], ViewerToken);
        var token = folder.Write("node-token", NodeToken);
        int[] probes = [Ports.FreeTcp(), Ports.FreeTcp()];
        FleetNode[] nodes = [.. probes.Select(port => new FleetNode("node-1", files,
        [
            "--fleet", coordinator.Address.ToString().TrimEnd('/'), "--fleet-token-file", token,
            "--metrics-address", $"127.0.0.1:{port}",
        ]))];
        var (first, second) = (nodes[0], nodes[1]);
        await using var both = new Both(nodes);
        using var http = new HttpClient { Timeout = Limits.Exchange };

        await first.StartAsync();
        await UntilReadyAsync("the first is ready", 0);
        await second.StartAsync();
        await second.Log.WaitForAsync(
            Regex.Escape($"another process reports as node-1, at 127.0.0.1:{first.Port}, and keeps the name")
            + ".*" + Regex.Escape($"this one is at 127.0.0.1:{second.Port}"),
            Limits.Start);
        var (status, body) = await ProbeAsync(1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("\"condition\":\"node-id\"", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await ProbeAsync(0)).Status);
        await FleetApi.WaitUntilAsync(
            "the fleet warns",
            async () => (await api.OverviewAsync()).Warnings.Any(static one => one is { Kind: "node-name-taken", Node: "node-1" }),
            Limits.Exchange);

        // The first crashes: the second takes over, and what follows the crash has to wait.
        await first.KillAsync();
        await UntilReadyAsync("the second is ready", 1);
        await first.StartAsync();
        await first.Log.WaitForAsync("the node is not ready, and asks again and again", Limits.Start);

        // The second ends in order: that is a hand-over.
        await second.StopAsync();
        await UntilReadyAsync("the first is ready again", 0);

        // A crash without a rival.
        await first.KillAsync();
        await first.StartAsync();
        await UntilReadyAsync("the first is ready after a crash", 0);

        async Task<(HttpStatusCode Status, string Body)> ProbeAsync(int node)
        {
            var path = $"http://127.0.0.1:{probes[node]}/readyz";
            using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Task UntilReadyAsync(string what, int node) => FleetApi.WaitUntilAsync(
            what, async () => (await ProbeAsync(node)).Status == HttpStatusCode.OK, Limits.Transfer);
    }

    private sealed class Both(IEnumerable<FleetNode> nodes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }
}
