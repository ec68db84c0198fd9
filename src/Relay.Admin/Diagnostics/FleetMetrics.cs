using System.Diagnostics.Metrics;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Relay.Fleet.Contract;
using Relay.Fleet.Leases;
using Relay.Hosting;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// The fleet as this coordinator sees it, and what it costs to coordinate it, for Prometheus. Each coordinator shows the same fleet:
/// take the greatest.
/// </summary>
internal sealed class FleetMetrics : IDisposable
{
    /// <summary>Meters whose values are right after <see cref="RefreshAsync"/>, as OpenTelemetry's pattern has it.</summary>
    public const string Meters = "Relay.Fleet.*";

    private const string PoolBlocks = "relay.pool.blocks";

    /// <summary>
    /// Twice what all pools there may be have: a series is not given back when its pool is gone. The default is 2000, and beyond it
    /// all are one series.
    /// </summary>
    private const int MostPoolBlocks = 2 * CatalogDecider.MaxPools * 4;

    private readonly FleetProbe _probe;
    private readonly Meter _meter;
    // Apart: a node that carries the admin API shows its process by itself.
    private readonly Meter _process = new($"Relay.Process.{Guid.NewGuid():N}");
    private volatile Reading _reading = new(IsReady: false, Fleet: null, Pools: []);

    /// <summary>Begins to show what the probe learns.</summary>
    public FleetMetrics(FleetProbe probe, IFleet fleet, AdminMeter admin, Refusals refusals)
    {
        (_probe, _meter) = (probe, admin.Meter);
        _meter.CreateObservableGauge("relay.coordinator.ready", () => _reading.IsReady ? 1 : 0, "{state}",
            "1 where this coordinator answers reports");
        _meter.CreateObservableGauge("relay.coordinator.degraded", () => _reading.Fleet is null ? 1 : 0, "{state}",
            "1 where nodes, drains, pools and limits cannot be asked for or changed through it");
        CreateOverview();
        Create(PoolBlocks, "{block}", "Blocks of each pool", () => _reading.Pools.SelectMany(BlocksOf));
        _meter.CreateObservableCounter("relay.admin.refusals", () => Enum.GetValues<Refusal>().Select(reason =>
            new Measurement<long>(refusals.Of(reason), Label("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reason}")))),
            "{refusal}", "What this coordinator has not taken, by reason");
        ProcessGauges.Create(_process);
        var builder = AddViews(Sdk.CreateMeterProviderBuilder()).AddMeter(_meter.Name, _process.Name);
        if (fleet is IMeasuredFleet { MeterName: { } name })
            builder.AddMeter(name);
        Provider = builder.AddPrometheusExporter(static options =>
        {
            // Labels are those of docs/metrics.md.
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        }).Build();
    }

    /// <summary>What scrapes are answered from.</summary>
    public MeterProvider Provider { get; }

    /// <summary>Lets whoever shows <see cref="Meters"/> have every series of them.</summary>
    public static MeterProviderBuilder AddViews(MeterProviderBuilder builder) =>
        builder.AddView(PoolBlocks, new MetricStreamConfiguration { CardinalityLimit = MostPoolBlocks });

    /// <summary>Learns what the next scrape shows.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var fault = await _probe.FaultAsync(cancellation).ConfigureAwait(false);
        _reading = new Reading(
            fault is null, await _probe.OverviewAsync(cancellation).ConfigureAwait(false),
            await _probe.PoolsAsync(cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Provider.Dispose();
        _process.Dispose();
    }

    private void CreateOverview()
    {
        Show("relay.fleet.coordinators", "{coordinator}", "Coordinators that are active",
            static fleet => [new Measurement<long>(fleet.Coordinators)]);
        Show("relay.fleet.nodes", "{node}", "Nodes by state",
            static fleet => Enum.GetValues<NodeState>().Select(state => new Measurement<long>(
                fleet.Nodes.GetValueOrDefault(state), Label("state", $"{state}".ToLowerInvariant()))));
        Show("relay.fleet.drains.running", "{drain}", "Drains that run",
            static fleet => [new Measurement<long>(fleet.DrainsRunning)]);
        Show("relay.fleet.drains", "{drain}", "Drains by state",
            static fleet =>
            [
                new Measurement<long>(fleet.DrainsRunning - fleet.DrainsHeldUp, Label("state", "running")),
                new Measurement<long>(fleet.DrainsHeldUp, Label("state", "held_up")),
                new Measurement<long>(fleet.DrainsToReturn, Label("state", "to_return")),
            ]);
        Show("relay.fleet.drain.still", "s", "Time since a drain that runs has gone on, of the one that stands still longest",
            static fleet => [new Measurement<long>(fleet.DrainStillSeconds)]);
        Show("relay.fleet.report.age", "s", "Time since the oldest of the nodes' last reports, those of silent nodes aside",
            static fleet => fleet.OldestReportSeconds is { } age ? [new Measurement<long>(age)] : []);
        Show("relay.fleet.warnings", "{warning}", "What an operator should know, by kind",
            static fleet => fleet.Warnings.CountBy(static warning => warning.Kind)
                .Select(static kind => new Measurement<long>(kind.Value, Label("kind", kind.Key))));
    }

    private void Show(string name, string unit, string description, Func<FleetOverview, IEnumerable<Measurement<long>>> read) =>
        Create(name, unit, description, () => _reading.Fleet is { } fleet ? read(fleet) : []);

    private void Create(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    private static Measurement<long>[] BlocksOf(PrefixPoolInfo pool)
    {
        var name = Label("pool", pool.Pool.Name);
        return
        [
            new(pool.Free, name, Label("state", "free")), new(pool.Held, name, Label("state", "held")),
            new(pool.Quarantined, name, Label("state", "quarantined")), new(pool.Excluded, name, Label("state", "excluded")),
        ];
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private sealed record Reading(bool IsReady, FleetOverview? Fleet, IReadOnlyList<PrefixPoolInfo> Pools);
}
