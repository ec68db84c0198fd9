using System.Net;
using System.Net.Http.Headers;
using Relay.Node.Diagnostics;
using Relay.Node.Diagnostics.Export;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.Diagnostics.Export;

/// <summary>The exporter of the slim build and OpenTelemetry's show the same of the same instruments.</summary>
public class ExporterComparisonTests
{
    private const string Text = "text/plain";
    private const string OpenMetrics = "application/openmetrics-text";

    [Theory]
    [InlineData(Text)]
    [InlineData(OpenMetrics)]
    public async Task BothExporters_SameNamesTypesUnitsLabelsAndValues(string format)
    {
        var (own, openTelemetry) = await ScrapeBothAsync(format);
        Assert.Equal(openTelemetry.Types, own.Types);
        Assert.Equal(openTelemetry.Units, own.Units);
        Assert.Equal(openTelemetry.Descriptions, own.Descriptions);
        Assert.Equal(openTelemetry.Values.Keys, own.Values.Keys);
        // When an exporter began to count is its own.
        Assert.Equal(Values(openTelemetry), Values(own));

        static IEnumerable<KeyValuePair<string, double>> Values(Exposition exposition) =>
            exposition.Values.Where(static value => !value.Key.Contains("_created{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BothExporters_EveryPromisedMetric_IsThereUnderItsNameAndLabels()
    {
        var (own, openTelemetry) = await ScrapeBothAsync(Text);
        foreach (var exposition in (Exposition[])[own, openTelemetry])
        {
            foreach (var (name, (type, labels)) in SpecifiedMetrics.All)
            {
                Assert.True(exposition.Types.TryGetValue(name, out var actual), name);
                Assert.Equal((name, type), (name, actual));
                Assert.Equal(labels.Order(), exposition.LabelsOf(name).Order());
            }
            Assert.All(exposition.Types.Keys,
                static name => Assert.StartsWith("relay_", name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Values_AreThoseOfAllLoops()
    {
        var (own, _) = await ScrapeBothAsync(Text);
        Assert.Equal(
            (9, 15, 3_000_000_021, 33, 39),
            (own.Values["relay_connections_active{}"], own.Values["relay_connections_total{result=\"established\"}"],
                own.Values["relay_bytes_total{direction=\"upstream\",type=\"tcp\"}"],
                own.Values["relay_tunnels_total{outcome=\"idle_timeout\",type=\"udp\"}"],
                own.Values["relay_datagram_drops_total{direction=\"downstream\",reason=\"too_large\"}"]));
        Assert.Equal(
            (0.25, 12.5, 1, 1),
            (own.Values["relay_loop_busy_ratio{loop=\"1\"}"], own.Values["relay_prefix_lease_expires_seconds{}"],
                own.Values["relay_drain_state{}"], own.Values["relay_open_relay{}"]));
        // One at the bound, one above it.
        Assert.Equal(
            (1, 2, 2),
            (own.Values["relay_tunnel_setup_duration_seconds_bucket{le=\"0.001\",type=\"udp\"}"],
                own.Values["relay_tunnel_setup_duration_seconds_bucket{le=\"0.0025\",type=\"udp\"}"],
                own.Values["relay_tunnel_setup_duration_seconds_count{type=\"udp\"}"]));
        Assert.Equal(30 * 24 * 3600, own.Values["relay_certificate_expires_seconds{}"]);
    }

    [Fact]
    public async Task NoLease_IsNotShown()
    {
        using var node = new WatchedNode();
        using var export = new PrometheusExport(node.Meter);
        await using var server = await StartAsync(node.Diagnostics, export);
        node.Fill();
        node.Diagnostics.Fleet.SetLeaseExpiry(null);
        var shown = await ScrapeAsync(server, Text);
        Assert.DoesNotContain("relay_prefix_lease_expires_seconds", shown.Types.Keys);
        Assert.Equal(1, shown.Values["relay_fleet_report_failures_total{}"]);
    }

    [Fact]
    public void EveryCountOfDrops_IsShown()
    {
        using var node = new WatchedNode();
        using var export = new PrometheusExport(node.Meter);
        node.Diagnostics.Attach(node.Relay);
        var drops = typeof(LoopCounters).GetFields()
            .Where(static field => field.Name.Contains("streamDrops", StringComparison.Ordinal)).ToList();
        drops.ForEach(field => field.SetValue(node.Relay.LoopCounters[0], 1L));
        var shown = Exposition.Parse(export.Write(openMetrics: false)).Values
            .Where(static value => value.Key.StartsWith("relay_datagram_drops_total{", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Repeat(1.0, drops.Count), shown.Select(static value => value.Value));
    }

    private static async Task<(Exposition Own, Exposition OpenTelemetry)> ScrapeBothAsync(string format)
    {
        using var node = new WatchedNode();
        using var own = new PrometheusExport(node.Meter);
        using var openTelemetry = new OpenTelemetryExport(node.Meter.Name, default);
        await using var first = await StartAsync(node.Diagnostics, own);
        await using var second = await StartAsync(node.Diagnostics, openTelemetry);
        node.Fill();
        return (await ScrapeAsync(first, format), await ScrapeAsync(second, format));
    }

    private static Task<DiagnosticsServer> StartAsync(NodeDiagnostics node, ITelemetryExport export) =>
        DiagnosticsServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), node, export);

    private static async Task<Exposition> ScrapeAsync(DiagnosticsServer server, string format)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{server.Address}/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(format));
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(
            (HttpStatusCode.OK, format), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(format == OpenMetrics, text.EndsWith("# EOF\n", StringComparison.Ordinal));
        return Exposition.Parse(text);
    }
}
