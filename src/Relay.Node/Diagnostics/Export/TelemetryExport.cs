using Microsoft.AspNetCore.Builder;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Relay.Admin.Hosting;
using Relay.Hosting;
using Relay.Node.Tunnels;

namespace Relay.Node.Diagnostics.Export;

/// <summary>
/// Takes what the node's meter and spans say to where it is looked at, by OpenTelemetry's exporters: Prometheus for
/// scrapes; OTLP for metrics and for spans where the environment asks for it.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    private readonly MeterProvider _metrics;
    private readonly MeterProvider? _pushed;
    private readonly TracerProvider? _traces;

    /// <summary>Begins to listen.</summary>
    /// <param name="meterName">The meter.</param>
    /// <param name="environment">What the operator asks for.</param>
    /// <param name="showsFleet">Whether scrapes show the fleet and the admin API as well; a collector is not told of them.</param>
    internal TelemetryExport(string meterName, TelemetryEnvironment environment, bool showsFleet = false)
    {
        // What the environment says of the resource wins, its name among it.
        var resource = ResourceBuilder.CreateEmpty()
            .AddService("relay-node", serviceVersion: ProgramVersion.Text).AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(meterName)
            .AddPrometheusExporter(static options =>
            {
                // Labels are those of docs/metrics.md: there is one scope, and target_info is for fleets of mixed SDKs.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        // What is asked for before a scrape would be out of date where nobody scrapes.
        if (showsFleet)
            AdminHost.AddMeters(metrics);
        if (environment.ExportsMetrics && !showsFleet)
            metrics.AddOtlpExporter();
        else if (environment.ExportsMetrics)
            _pushed = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(meterName).AddOtlpExporter().Build();
        _metrics = metrics.Build();
        if (environment.ExportsTraces)
        {
            // The sampler is what OTEL_TRACES_SAMPLER says.
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
                .AddSource(TunnelTrace.SourceName).AddOtlpExporter().Build();
        }
    }

    /// <summary>Makes a web application answer <see cref="DiagnosticsServer.MetricsPath"/>.</summary>
    /// <param name="application">The application.</param>
    /// <param name="before">Done before each scrape; null for nothing.</param>
    internal void Use(IApplicationBuilder application, Func<CancellationToken, Task>? before = null) => application.UseOpenTelemetryPrometheusScrapingEndpoint(
        // By path alone the exporter would answer everything below it, too; and PathString's == would take /Metrics for it, which
        // nobody has asked for a token.
        _metrics, static context => context.Request.Path.Value == DiagnosticsServer.MetricsPath, path: null,
        branch => branch.Use(next => async context =>
        {
            if (before is not null)
                await before(context.RequestAborted).ConfigureAwait(false);
            await next(context).ConfigureAwait(false);
        }), optionsName: null);

    /// <summary>Sends what is left to a collector, for a bounded time.</summary>
    public void Dispose()
    {
        _metrics.Dispose();
        _pushed?.Dispose();
        _traces?.Dispose();
    }
}
