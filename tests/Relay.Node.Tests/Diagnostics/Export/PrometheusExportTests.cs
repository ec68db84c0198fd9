using System.Diagnostics.Metrics;
using System.Net;
using Relay.Node.Diagnostics.Export;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.Diagnostics.Export;

/// <summary>The text of the exporter of our own, to the letter.</summary>
public class PrometheusExportTests
{
    [Fact]
    public void Write_EachKindOfInstrument_IsTheText()
    {
        using var meter = new Meter("test");
        using var export = new PrometheusExport(meter);
        meter.CreateObservableCounter("a.count", static () => 3L, "{thing}", "Things");
        meter.CreateObservableGauge("b.level", static () => new Measurement<double>(
            0.5, new KeyValuePair<string, object?>("odd", "a\\b\"c\nd")), "s", "Odd");
        var histogram = meter.CreateHistogram("c.time", "s", "Times", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.5, 1],
        });
        foreach (var value in (double[])[0.5, 0.75, 2])
            histogram.Record(value, new KeyValuePair<string, object?>("type", "x"));
        Assert.Equal(
            """
            # TYPE a_count_total counter
            # HELP a_count_total Things
            a_count_total 3
            # TYPE b_level_seconds gauge
            # HELP b_level_seconds Odd
            b_level_seconds{odd="a\\b\"c\nd"} 0.5
            # TYPE c_time_seconds histogram
            # HELP c_time_seconds Times
            c_time_seconds_bucket{type="x",le="0.5"} 1
            c_time_seconds_bucket{type="x",le="1"} 2
            c_time_seconds_bucket{type="x",le="+Inf"} 3
            c_time_seconds_sum{type="x"} 3.25
            c_time_seconds_count{type="x"} 3

            """, export.Write(openMetrics: false));
    }

    [Fact]
    public void Write_OtherMeters_AreNotInIt()
    {
        using var meter = new Meter("test");
        using var other = new Meter("test");
        using var export = new PrometheusExport(meter);
        other.CreateObservableCounter("other", static () => 1L);
        Assert.Equal("", export.Write(openMetrics: false));
        Assert.Equal("# EOF\n", export.Write(openMetrics: true));
    }

    [Fact]
    public void Record_ManyThreads_NothingIsLost()
    {
        const int Threads = 4, Each = 20_000;
        using var meter = new Meter("test");
        using var export = new PrometheusExport(meter);
        var histogram = meter.CreateHistogram("h", "s", "", tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [1],
        });
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
                histogram.Record(0.5, new KeyValuePair<string, object?>("type", "x"));
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        var values = Exposition.Parse(export.Write(openMetrics: false)).Values;
        Assert.Equal(
            (Threads * Each, Threads * Each * 0.5),
            (values["h_seconds_count{type=\"x\"}"], values["h_seconds_sum{type=\"x\"}"]));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true)]
    [InlineData("application/openmetrics-text;q=0.2,text/plain;q=0.9", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("nonsense;;", false)]
    public async Task Accept_DecidesOnTheFormat(string accept, bool openMetrics)
    {
        using var node = new WatchedNode();
        using var export = new PrometheusExport(node.Meter);
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), node.Diagnostics, export);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{server.Address}/metrics");
        if (accept.Length > 0)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(
            openMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8",
            response.Content.Headers.ContentType!.ToString());
    }
}
