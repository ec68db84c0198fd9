using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using Relay.Node.Counters;
using Relay.Node.Diagnostics.Export;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.Diagnostics.Export;

/// <summary>What a scrape shows of the node's instruments.</summary>
public class TelemetryExportTests
{
    private const string Text = "text/plain";
    private const string OpenMetrics = "application/openmetrics-text";

    [Theory]
    [InlineData(Text)]
    [InlineData(OpenMetrics)]
    public async Task EveryPromisedMetric_IsThereUnderItsNameTypeAndLabels(string format)
    {
        var shown = await ScrapeAsync(format);
        foreach (var (name, (type, labels)) in SpecifiedMetrics.All)
        {
            // OpenMetrics names a counter's family without the suffix of its series.
            var family = format == OpenMetrics && type == "counter" ? name[..^"_total".Length] : name;
            Assert.True(shown.Types.TryGetValue(family, out var actual), family);
            Assert.Equal((family, type), (family, actual));
            Assert.Equal(labels.Order(), shown.LabelsOf(name).Order());
        }
        Assert.All(shown.Types.Keys, static name => Assert.Matches("^(relay|process)_", name));
        Assert.All(shown.Types.Keys, name => Assert.NotEmpty(shown.Descriptions[name]));
    }

    [Theory]
    [InlineData(Text)]
    [InlineData(OpenMetrics)]
    public async Task Values_AreThoseOfAllLoops(string format)
    {
        var values = (await ScrapeAsync(format)).Values;
        Assert.Equal(
            (9, 15, 3_000_000_021, 33, 39),
            (values["relay_connections_active{}"], values["relay_connections_total{result=\"established\"}"],
                values["relay_bytes_total{direction=\"upstream\",type=\"tcp\"}"],
                values["relay_tunnels_total{outcome=\"idle_timeout\",type=\"udp\"}"],
                values["relay_datagram_drops_total{direction=\"downstream\",reason=\"too_large\"}"]));
        Assert.Equal(
            (0.25, 12.5, 1, 1),
            (values["relay_loop_busy_ratio{loop=\"1\"}"], values["relay_prefix_lease_expires_seconds{}"],
                values["relay_drain_state{}"], values["relay_open_relay{}"]));
        Assert.Equal(1, values["relay_loop_turn_longest_seconds{loop=\"1\"}"]);
        // One at the bound, one above it.
        Assert.Equal(
            (1, 2, 2),
            (values["relay_tunnel_setup_duration_seconds_bucket{le=\"0.001\",type=\"udp\"}"],
                values["relay_tunnel_setup_duration_seconds_bucket{le=\"0.0025\",type=\"udp\"}"],
                values["relay_tunnel_setup_duration_seconds_count{type=\"udp\"}"]));
        Assert.Equal(30 * 24 * 3600, values["relay_certificate_expires_seconds{}"]);
    }

    [Fact]
    public void Readiness_IsShownByCondition()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        var lease = node.Diagnostics.Readiness.Register("lease", "no lease yet");
        Assert.Equal((0, 1, 0), Ready());
        node.Diagnostics.Attach(node.Relay);
        lease.Meet();
        Assert.Equal((1, 1, 1), Ready());
        node.Diagnostics.Drain.Fail("the node drains");
        Assert.Equal((1, 0, 1), Ready());

        (double Relay, double Drain, double Lease) Ready()
        {
            var values = export.Scrape().Values;
            return (values["relay_ready{condition=\"relay\"}"], values["relay_ready{condition=\"drain\"}"],
                values["relay_ready{condition=\"lease\"}"]);
        }
    }

    [Fact]
    public void LeaseThatIsLost_IsShownAsNone_AndOfANodeThatNeedsNoneNothingIs()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        node.Fill();
        node.Diagnostics.Fleet.SetLeases(0, null);
        var lost = export.Scrape().Values;
        Assert.Equal(
            (0, 0, 2),
            (lost["relay_prefix_lease_expires_seconds{}"], lost["relay_prefix_leases{state=\"held\"}"],
                lost["relay_prefix_leases{state=\"wanted\"}"]));
        node.Diagnostics.Fleet.LeasesWanted = 0;
        var shown = export.Scrape();
        Assert.DoesNotContain(shown.Types.Keys, static name => name.Contains("lease", StringComparison.Ordinal));
        Assert.Equal(1, shown.Values["relay_fleet_report_failures_total{}"]);
    }

    [Fact]
    public void EveryCountOfDrops_IsShown()
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        node.Diagnostics.Attach(node.Relay);
        var drops = typeof(LoopCounters).GetFields()
            .Where(static field => field.Name.Contains("streamDrops", StringComparison.Ordinal)).ToList();
        drops.ForEach(field => field.SetValue(node.Relay.LoopCounters[0], 1L));
        var shown = export.Scrape().Values
            .Where(static value => value.Key.StartsWith("relay_datagram_drops_total{", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Repeat(1.0, drops.Count), shown.Select(static value => value.Value));
    }

    [Fact]
    public void OtherMeters_AreNotInIt()
    {
        using var node = new WatchedNode();
        using var other = new Meter("other");
        using var export = new ScrapedExport(node.Meter.Name);
        node.Fill();
        other.CreateObservableCounter("relay.other", static () => 1L);
        Assert.DoesNotContain("relay_other", export.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MetersOfTheFleet_AreShownWhole()
    {
        using var node = new WatchedNode();
        using var fleet = new Meter($"Relay.Fleet.Test.{Guid.NewGuid():N}");
        fleet.CreateObservableGauge("relay.pool.blocks", static () => Enumerable.Range(0, 4096).Select(static pool =>
            new Measurement<long>(1, new KeyValuePair<string, object?>("pool", $"pool-{pool}"))));
        using var export = new TelemetryExport(node.Meter.Name, default, showsFleet: true);
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), node.Diagnostics, export);
        using var client = new HttpClient();
        var text = await client.GetStringAsync($"http://{server.Address}/metrics", TestContext.Current.CancellationToken);
        Assert.Equal(
            4096, text.Split('\n').Count(static line => line.StartsWith("relay_pool_blocks{pool=", StringComparison.Ordinal)));
    }

    private static async Task<Exposition> ScrapeAsync(string format)
    {
        using var node = new WatchedNode();
        using var export = new TelemetryExport(node.Meter.Name, default);
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), node.Diagnostics, export);
        node.Fill();
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
