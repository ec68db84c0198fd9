using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Metrics;

/// <summary>The program with OpenTelemetry's standard variables. What is left is sent at its end.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Endpoint_MetricsArrive_AndNoSpans()
    {
        await using var collector = await Collector.StartAsync();
        await RunAsync(collector, []);
        var metrics = collector.At("/v1/metrics");
        foreach (var name in (string[])["relay.tunnels", "relay.bytes", "relay.tunnel.setup.duration", "relay-node"])
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        Assert.Equal("", collector.At("/v1/traces"));
    }

    [Fact]
    public async Task TracesAskedFor_EveryStepArrives_WithoutClientAndTarget()
    {
        await using var collector = await Collector.StartAsync();
        await RunAsync(collector, new()
        {
            ["OTEL_TRACES_EXPORTER"] = "otlp",
            ["OTEL_METRICS_EXPORTER"] = "none",
            ["OTEL_SERVICE_NAME"] = "relay-of-the-test",
        });
        var traces = collector.At("/v1/traces");
        foreach (var name in (string[])["tunnel.setup", "policy", "connect", "first_byte", "relay-of-the-test", "udp",
            "tcp"])
            Assert.Contains(name, traces, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", traces, StringComparison.Ordinal);
        Assert.Equal("", collector.At("/v1/metrics"));
    }

    [Fact]
    public async Task TracesNotSampled_NoneArrives()
    {
        await using var collector = await Collector.StartAsync();
        await RunAsync(collector, new()
        {
            ["OTEL_TRACES_EXPORTER"] = "otlp",
            ["OTEL_TRACES_SAMPLER"] = "always_off",
        });
        Assert.NotEqual("", collector.At("/v1/metrics"));
        Assert.Equal("", collector.At("/v1/traces"));
    }

    [Fact]
    public async Task UnknownExporter_IsSaid()
    {
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartAsync(
            authority, new Dictionary<string, string>
            {
                ["OTEL_TRACES_EXPORTER"] = "otlp,zipkin",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
            });
        await relay.Log.WaitForAsync("OTEL_TRACES_EXPORTER: 'zipkin' is no exporter of this program", Limits.AtOnce);
    }

    private static async Task RunAsync(Collector collector, Dictionary<string, string> environment)
    {
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartAsync(authority, environment);
        _ = await LoadRun.AgainstAsync(relay.Port, Limits.Transfer, "echo", "--count", "10");
        _ = await LoadRun.AgainstAsync(relay.Port, Limits.Transfer, "tcp-down", "--bytes", "64KiB");
        await relay.StopAsync();
    }
}
