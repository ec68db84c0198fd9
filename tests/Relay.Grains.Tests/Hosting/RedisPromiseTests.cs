using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Core.Internal;
using Relay.Grains.Contracts;
using Relay.Grains.Hosting;
using Relay.Testing.Nodes;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Hosting;

/// <summary>What a coordinator wants of Redis before it promises something, and what it says of one that may lose it.</summary>
[Trait("Needs", "Cluster")]
public sealed class RedisPromiseTests
{
    private static readonly FleetTimings Timings = new();

    private readonly ManualTime _time = new();

    [Fact]
    public async Task Grant_ThatNoReplicaHas_IsNotGiven_UntilOneHasIt()
    {
        await using var redis = await ReplicatedRedis.StartAsync();
        await using var host = await StartAsync(redis.Configuration, replicas: 1);
        var fleet = (GrainFleet)host.Fleet;
        await fleet.GetOverviewAsync(default);
        _time.Advance(Timings.LeaseTime + TimeSpan.FromSeconds(5));
        Assert.True((await fleet.PutPoolAsync(Pool("2001:db8::/60"), null, default)).IsOk);
        var node = new SimulatedNode("a", clock: _time) { Pools = ["edge"] };

        await redis.PartAsync();
        await Eventually.HoldsAsync(
            "a fault that says why", () => node.ReportAsync(fleet), static directive =>
                directive.LeaseFaults.Any(static fault => fault.Contains("--redis-replicas", StringComparison.Ordinal)));
        Assert.Empty(node.Grants);
        var put = await fleet.PutPoolAsync(Pool("2001:db8::/59"), null, default);
        Assert.NotEqual(FleetStatus.Ok, put.Status);

        await redis.FollowAsync();
        // A change that was broken off leaves it open what was granted by it: for a lease time nothing is.
        await Eventually.HoldsAsync(
            "a block", () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return node.ReportAsync(fleet);
            }, static directive => directive.Leases.Count == 1);
        // What is promised is there in whoever takes over.
        await redis.FailOverAsync();
        await EndAsync(host);
        var held = node.Grants.Single();
        await Eventually.HoldsAsync(
            "the same block", () => node.ReportAsync(fleet), directive =>
                directive.Leases.SingleOrDefault() is { } grant && (grant.Prefix, grant.Epoch) == (held.Prefix, held.Epoch));
    }

    [Fact]
    public async Task Redis_ThatMayLoseWrites_IsWarnedOf()
    {
        await using var redis = await ReplicatedRedis.StartAsync();
        await using var host = await StartAsync(redis.Configuration, replicas: 0);

        var overview = await Eventually.HoldsAsync(
            "an overview", () => host.Fleet.GetOverviewAsync(default).AsTask(), static _ => true);

        var texts = overview.Warnings.Where(static warning => warning.Kind == "store-not-durable")
            .Select(static warning => warning.Text).ToArray();
        Assert.Contains(texts, static text => text.Contains("appendfsync no", StringComparison.Ordinal));
        Assert.Contains(texts, static text => text.Contains("min-replicas-to-write 0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Redis_ThatKeepsNothing_IsWarnedOf()
    {
        await using var redis = await RedisServer.StartAsync(keepsData: false);
        await using var host = await StartAsync(redis.Configuration, replicas: 0);

        var overview = await Eventually.HoldsAsync(
            "an overview", () => host.Fleet.GetOverviewAsync(default).AsTask(), static _ => true);

        var warning = Assert.Single(overview.Warnings, static warning => warning.Kind == "store-not-durable");
        Assert.Contains("appendonly no", warning.Text, StringComparison.Ordinal);
    }

    private static PrefixPool Pool(string prefix) =>
        new() { Name = "edge", Prefix = Prefix.Parse(prefix), BlockLength = 64 };

    private static async Task EndAsync(GrainFleetHost host)
    {
        var grains = host.Silo!.Services.GetRequiredService<IGrainFactory>();
        await grains.GetGrain<IPrefixPoolGrain>("edge").AsReference<IGrainManagementExtension>().DeactivateOnIdle();
    }

    private async Task<GrainFleetHost> StartAsync(string redis, int replicas)
    {
        var config = new SiloConfig
        {
            Address = new IPEndPoint(IPAddress.Loopback, 0),
            Redis = redis,
            RedisReplicas = replicas,
            Timings = Timings,
        };
        var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
            config, NullLoggerFactory.Instance, new GrainClock(_time, ticks: false), configure: null, default);
        await Eventually.HoldsAsync("a silo", () => Task.FromResult(host.Silo), static silo => silo is not null);
        return host;
    }
}
