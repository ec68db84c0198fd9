using Microsoft.AspNetCore.Builder;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Relay.Node.Diagnostics.Tracing;

namespace Relay.Node.Diagnostics.Export;

/// <summary>
/// OpenTelemetry's exporters: Prometheus for scrapes; OTLP for metrics and for spans where the environment asks for it.
/// </summary>
internal sealed class OpenTelemetryExport : ITelemetryExport
{
    private readonly MeterProvider _metrics;
    private readonly TracerProvider? _traces;

    /// <summary>Begins to listen.</summary>
    /// <param name="meterName">The meter.</param>
    /// <param name="environment">What the operator asks for.</param>
    internal OpenTelemetryExport(string meterName, TelemetryEnvironment environment)
    {
        // What the environment says of the resource wins, its name among it.
        var resource = ResourceBuilder.CreateEmpty()
            .AddService("relay-node", serviceVersion: NodeVersion.Text).AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(meterName)
            .AddPrometheusExporter(static options =>
            {
                // Labels are those of docs/metrics.md: there is one scope, and target_info is for fleets of mixed SDKs.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        if (environment.ExportsMetrics)
            metrics.AddOtlpExporter();
        _metrics = metrics.Build();
        if (environment.ExportsTraces)
        {
            // The sampler is what OTEL_TRACES_SAMPLER says.
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
                .AddSource(TunnelTrace.SourceName).AddOtlpExporter().Build();
        }
    }

    /// <inheritdoc/>
    public void Use(IApplicationBuilder application) => application.UseOpenTelemetryPrometheusScrapingEndpoint(
        _metrics, predicate: null, DiagnosticsServer.MetricsPath, configureBranchedPipeline: null, optionsName: null);

    /// <summary>Sends what is left to a collector, for a bounded time.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _traces?.Dispose();
    }
}
