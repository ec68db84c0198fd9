using System.Diagnostics.Metrics;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// The fleet as this coordinator sees it, for Prometheus. Each coordinator shows the same fleet: take the greatest.
/// </summary>
internal sealed class FleetMetrics : IDisposable
{
    private readonly FleetProbe _probe;
    private readonly Meter _meter;
    private volatile Reading _reading = new(IsReady: false, Fleet: null);

    /// <summary>Begins to show what the probe learns.</summary>
    public FleetMetrics(FleetProbe probe, Refusals refusals)
    {
        _probe = probe;
        // Of this object alone: exporters know meters by their names.
        _meter = new Meter($"Relay.Fleet.{Guid.NewGuid():N}");
        _meter.CreateObservableGauge("relay.coordinator.ready", () => _reading.IsReady ? 1 : 0, "{state}",
            "1 where this coordinator answers reports");
        _meter.CreateObservableGauge("relay.coordinator.degraded", () => _reading.Fleet is null ? 1 : 0, "{state}",
            "1 where nodes, drains, pools and limits cannot be asked for or changed through it");
        Create("relay.fleet.coordinators", "{coordinator}", "Coordinators that are active",
            static fleet => [new Measurement<int>(fleet.Coordinators)]);
        Create("relay.fleet.nodes", "{node}", "Nodes by state",
            static fleet => Enum.GetValues<NodeState>().Select(state => new Measurement<int>(
                fleet.Nodes.GetValueOrDefault(state), Label("state", $"{state}".ToLowerInvariant()))));
        Create("relay.fleet.drains.running", "{drain}", "Drains that run",
            static fleet => [new Measurement<int>(fleet.DrainsRunning)]);
        Create("relay.fleet.warnings", "{warning}", "What an operator should know, by kind",
            static fleet => fleet.Warnings.CountBy(static warning => warning.Kind)
                .Select(static kind => new Measurement<int>(kind.Value, Label("kind", kind.Key))));
        _meter.CreateObservableCounter("relay.admin.refusals", () => Enum.GetValues<Refusal>().Select(reason =>
            new Measurement<long>(refusals.Of(reason), Label("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reason}")))),
            "{refusal}", "What this coordinator has not taken, by reason");
        Provider = Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddPrometheusExporter(static options =>
        {
            // Labels are those of docs/metrics.md.
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        }).Build();
    }

    /// <summary>What scrapes are answered from.</summary>
    public MeterProvider Provider { get; }

    /// <summary>Learns what the next scrape shows.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var fault = await _probe.FaultAsync(cancellation).ConfigureAwait(false);
        _reading = new Reading(fault is null, await _probe.OverviewAsync(cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Provider.Dispose();
        _meter.Dispose();
    }

    private void Create(
        string name, string unit, string description, Func<FleetOverview, IEnumerable<Measurement<int>>> read) =>
        _meter.CreateObservableGauge(name, () => _reading.Fleet is { } fleet ? read(fleet) : [], unit, description);

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private sealed record Reading(bool IsReady, FleetOverview? Fleet);
}
