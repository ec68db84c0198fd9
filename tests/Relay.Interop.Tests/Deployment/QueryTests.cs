using System.Net.Sockets;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Metrics;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Deployment;

/// <summary>
/// Every query of Grafana's dashboards and of the alerts, asked of a real Prometheus that scrapes a node which is in a
/// fleet, holds a lease and carries load, and its coordinator, who misses another.
/// </summary>
public sealed class QueryTests
{
    private const string Token = "token-of-the-node-in-this-test-012345678901";
    private const string LostToken = "token-of-the-lost-node-in-this-test-01234567";
    private const string Operator = "token-of-prometheus-in-this-test-01234567890";

    [Fact]
    public async Task Queries_OfDashboardsAndAlerts_EachHasASeriesOfALiveNodeOrCoordinator()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        using var siloCertificate = authority.IssueSilo("silo.relayfleet");
        var silo = CertificateFiles.Write(folder, "silo", siloCertificate);
        var metrics = Ports.FreeTcp();
        await using var coordinator = new Coordinator(
            folder.WriteTokens(("node-1", "node", Token), ("node-2", "node", LostToken), ("prometheus", "operator", Operator)),
            [
                "--fleet", "silo", "--redis", redis.Configuration, "--silo-address", "127.0.0.1:0", "--lease-time-secs", "60",
                "--silo-tls-cert-path", silo.Certificate, "--silo-tls-private-key-path", silo.Key,
                "--silo-tls-ca-path", folder.Write("ca.pem", authority.Pem),
            ]);
        await coordinator.StartAsync();
        using var api = new FleetApi([coordinator], Operator);
        await api.PutPoolAsync("edge", "127.98.0.0/28", 28, isNew: true);
        var relay = CertificateFiles.Write(folder, "relay", certificate);
        await using var lost = new FleetNode(
            "node-2", relay, ["--fleet", coordinator.Address.ToString().TrimEnd('/'), "--fleet-token-file", folder.Write("lost", LostToken)]);
        await lost.StartAsync();
        await FleetApi.WaitUntilAsync(
            "the other node is known", async () => await api.NodeAsync("node-2") is not null, Limits.Exchange);
        await lost.KillAsync();
        await using var node = new FleetNode("node-1", relay,
        [
            "--fleet", coordinator.Address.ToString().TrimEnd('/'), "--prefix-pool", "edge",
            "--fleet-token-file", folder.Write("token", Token),
            "--metrics-address", $"127.0.0.1:{metrics}",
        ]);
        await node.StartAsync();
        await node.Log.WaitForAsync(@"lease of \S+ \(pool edge, epoch \d+\): in use", Limits.Transfer);
        await using var prometheus = await PrometheusServer.StartAsync(
            ("relay-node", metrics, null), ("relay-admin", coordinator.Address.Port, Operator));
        await prometheus.WaitForAsync(
            "relay_prefix_lease_expires_seconds", static values => values is [> 0 and <= 60], Limits.Exchange);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var load = LoadAsync(node.Port, api, enough.Token);
        try
        {
            foreach (var (where, query) in await AllAsync(prometheus))
            {
                // Where there is nothing to divide by, the answer is NaN: a graph would be empty.
                var series = prometheus.WaitForAsync(query, static values => values.Any(double.IsFinite), Limits.Transfer, where);
                // Load that has failed is a better message than a query without an answer.
                if (await Task.WhenAny(series, load) == load)
                    await load;
                await series;
            }
        }
        finally
        {
            await enough.CancelAsync();
            await load;
        }
        await node.StopAsync();
    }

    [Theory]
    [InlineData("a < 30", "a < bool 30")]
    [InlineData("""up{job=~".*n.*"} == 0""", """up{job=~".*n.*"} == bool 0""")]
    [InlineData("""r(a{b!~"c|d", e>="f"}[5m]) > 0.1 * r(g) and r(h) != 1""", """r(a{b!~"c|d", e>="f"}[5m]) > bool 0.1 * r(g) and r(h) != bool 1""")]
    public void WithoutFilters_Comparisons_GiveTruthInPlaceOfLeavingOut(string expression, string expected) =>
        Assert.Equal(expected, Queries.WithoutFilters(expression));

    private static async Task<List<(string Where, string Query)>> AllAsync(PrometheusServer prometheus)
    {
        var all = new List<(string, string)>();
        foreach (var dashboard in (string[])["fleet", "node", "coordinators"])
        {
            var variables = new Dictionary<string, string>();
            foreach (var (metric, label, variable) in Queries.VariablesOf(dashboard))
                variables[variable] = await prometheus.WaitForLabelAsync(metric, label, Limits.Exchange);
            all.AddRange(Queries.OfDashboard(dashboard).Select(
                one => (one.Where, Queries.Fill(one.Query, PrometheusServer.ScrapeInterval, variables))));
        }
        Assert.True(all.Count > 80);
        var alerts = Queries.OfAlerts().ToList();
        Assert.True(alerts.Count >= 20);
        return [.. all, .. alerts];
    }

    /// <summary>Something of every kind, over and over; a target that never answers makes the relay drop datagrams.</summary>
    private static async Task LoadAsync(int port, FleetApi api, CancellationToken enough)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var round = 0;
        while (!enough.IsCancellationRequested)
        {
            // Something that is stored.
            await api.PutPoolAsync("other", "127.99.0.0/28", 28 + (round++ % 2), isNew: true);
            await LoadRun.AgainstAsync(port, Limits.Transfer, "echo", "--count", "1000", "--size", "1000");
            await LoadRun.AgainstAsync(port, Limits.Transfer, "tcp-down", "--bytes", "4MiB");
            await LoadRun.AgainstAsync(
                port, Limits.Transfer, "flood-up", "--count", "2000", "--size", "1000", "--target", silent.LocalEndPoint!.ToString()!);
        }
    }
}
