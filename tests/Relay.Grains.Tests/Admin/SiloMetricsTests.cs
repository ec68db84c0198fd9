using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Nodes;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Admin;

/// <summary>What a silo measures of itself, as a scrape of its coordinator shows it.</summary>
[Trait("Needs", "Cluster")]
public class SiloMetricsTests
{
    private static readonly InvalidOperationException Wrong = new("as a storage fails");

    [Fact]
    public async Task Scrape_OfASiloWithRedis_HasWhatIsDocumented_AndTellsWhenRedisIsAway()
    {
        await using var redis = await RedisServer.StartAsync();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueSilo("silo.relayfleet");
        var tls = SiloTls.Create(certificate, [], [X509Certificate2.CreateFromPem(authority.Pem)]);
        await using var host = await GrainFleetHost.StartAsync(
            new SiloConfig
            {
                Address = new IPEndPoint(IPAddress.Loopback, 0),
                Redis = $"{redis.Configuration},{RedisServer.Hasty}",
            }, () => tls, NullLoggerFactory.Instance, TimeProvider.System, default);
        await using var app = await AdminApp.StartAsync(host.Fleet);
        await new SimulatedNode("edge-1").ReportPersistentlyAsync(host.Fleet);
        await Eventually.HoldsAsync(
            "a limit", () => host.Fleet.PutLimitAsync(
                new LimitRule { Identity = "credential:alice", Limit = new() { Tunnels = 1 } }, null, default).AsTask(), static result => result.IsOk);

        var text = await ScrapeAsync(app);

        Assert.Contains("\nrelay_redis_up 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nrelay_cluster_members{state=\"active\"} 1\n", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^relay_grain_call_duration_seconds_count\\{interface=\"INodeGrain\"\\} [1-9]", text);
        Assert.Matches("(?m)^relay_redis_duration_seconds_count\\{operation=\"write\"\\} [1-9]", text);
        // Of errors there are none yet.
        var documented = ExposedMetrics.Rows(Repository.Read("docs/metrics.md").Split("## Of a silo")[1])
            .Where(static row => !row.Name.EndsWith("_errors_total", StringComparison.Ordinal));
        var shown = ExposedMetrics.Of(text).Where(static row =>
            row.Name.StartsWith("relay_grain_", StringComparison.Ordinal) || row.Name.StartsWith("relay_cluster_", StringComparison.Ordinal)
            || row.Name.StartsWith("relay_redis_", StringComparison.Ordinal) || row.Name.StartsWith("relay_silo_", StringComparison.Ordinal));
        Assert.Equal(documented.Order(), shown.Where(static row => !row.Name.EndsWith("_errors_total", StringComparison.Ordinal)).Order());

        await redis.StopAsync();
        await Eventually.HoldsAsync(
            "that Redis is away", () => ScrapeAsync(app), static text => text.Contains("\nrelay_redis_up 0\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scrape_OfASiloWithoutRedis_HasNothingOfIt()
    {
        await using var host = await GrainFleetHost.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0) }, NullLoggerFactory.Instance, TimeProvider.System, default);
        await using var app = await AdminApp.StartAsync(host.Fleet);
        await new SimulatedNode("edge-1").ReportPersistentlyAsync(host.Fleet);
        var text = await ScrapeAsync(app);
        Assert.Contains("relay_grain_call_duration_seconds_count{interface=\"INodeGrain\"}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("relay_redis", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_IsMeasured_AndWhatAnotherWasFirstWithIsNoError()
    {
        using var meter = new SiloMeter();
        var seen = new List<(string Name, object? Label)>();
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, own) =>
            {
                if (instrument.Meter.Name == meter.Name)
                    own.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => seen.Add((instrument.Name, tags[0].Value)));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => seen.Add((instrument.Name, tags[0].Value)));
        listener.Start();
        var inner = new ScriptedStorage();
        var storage = new MeasuredStorage(inner, meter, new RedisStore("fleet", TimeProvider.System));

        await storage.ReadStateAsync<int>("state", default, null!);
        inner.Fault = Wrong;
        Assert.Same(Wrong, await Assert.ThrowsAsync<InvalidOperationException>(() => storage.WriteStateAsync<int>("state", default, null!)));
        inner.Fault = new Orleans.Storage.InconsistentStateException("another was first");
        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => storage.ClearStateAsync<int>("state", default, null!));

        Assert.Equal(
            [
                ("relay.redis.duration", "read"), ("relay.redis.duration", "write"), ("relay.redis.errors", "write"),
                ("relay.redis.duration", "clear"),
            ], seen);
    }

    private static async Task<string> ScrapeAsync(AdminApp app)
    {
        using var answer = await app.Viewer.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync()).Replace("{}", "", StringComparison.Ordinal);
    }

    private sealed class ScriptedStorage : Orleans.Storage.IGrainStorage
    {
        public Exception? Fault { get; set; }

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Answer();

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Answer();

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Answer();

        private Task Answer() => Fault is { } fault ? Task.FromException(fault) : Task.CompletedTask;
    }
}
