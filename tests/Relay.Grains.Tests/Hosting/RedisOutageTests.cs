using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;
using Relay.Testing.Nodes;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Hosting;

/// <summary>Three silos on a Redis server that goes away and comes back.</summary>
[Trait("Needs", "Cluster")]
public sealed class RedisOutageTests
{
    // Short, so that what runs out does so within the test; each still fits the others.
    private static readonly FleetTimings Timings = new()
    {
        NodeTimeout = TimeSpan.FromSeconds(10),
        LeaseTime = TimeSpan.FromSeconds(30),
        HolderMargin = TimeSpan.FromSeconds(6),
        ReturnTime = TimeSpan.FromSeconds(30),
    };

    private static readonly PrefixPool Pool = SamplePool.Edge;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redis_AwayAndBack_WithItsDataOrWithout_TheFleetRecovers(bool keepsData)
    {
        await using var redis = await RedisServer.StartAsync(keepsData);
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        await using var third = await StartAsync(redis);
        var node = new SimulatedNode("edge-1");
        await node.ReportPersistentlyAsync(first.Fleet);
        Assert.True((await first.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        await CoordinatorsAsync(first.Fleet, 3);

        await redis.StopAsync();
        var directive = await node.ReportAsync(first.Fleet);
        var refused = await first.Fleet.PutLimitAsync(Limit(1), null, default);
        await redis.ResumeAsync();

        Assert.Null(directive.Drain);
        Assert.Equal(FleetStatus.Unavailable, refused.Status);
        await CoordinatorsAsync(second.Fleet, 3);
        foreach (var host in new[] { first, second, third })
        {
            await Eventually.HoldsAsync(
                "a limit", () => host.Fleet.PutLimitAsync(Limit(2), null, default).AsTask(), static result =>
                    result.IsOk);
        }
        var late = new SimulatedNode("edge-2");
        await late.ReportPersistentlyAsync(third.Fleet);
        await Eventually.HoldsAsync("both nodes", async () =>
        {
            await node.ReportAsync(second.Fleet);
            return await first.Fleet.ListNodesAsync(10, null, default);
        }, static page => page.Items.Count == 2);
        if (keepsData)
            Assert.Single(await second.Fleet.ListPoolsAsync(default));
    }

    [Fact]
    public async Task Silo_KilledAfterRedisWasEmptied_IsDeclaredDead()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        await using (var third = await StartAsync(redis))
        {
            await CoordinatorsAsync(first.Fleet, 3);
            GrainFleetHost[] hosts = [first, second, third];
            RunningSilo?[] before = [.. hosts.Select(static host => host.Silo)];

            await redis.FlushAsync();
            await Eventually.HoldsAsync(() => hosts.Zip(before).All(
                static silo => silo.First.Silo is { } now && now != silo.Second), "silos that the table knows");
            await CoordinatorsAsync(first.Fleet, 3);
            third.Silo!.Abandon();
        }

        await CoordinatorsAsync(first.Fleet, 2);
        await CoordinatorsAsync(second.Fleet, 2);
        await new SimulatedNode("edge-1").ReportPersistentlyAsync(second.Fleet);
    }

    [Fact]
    public async Task Silo_ThatFails_IsBegunAnew_AndTheOthersGoOn()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        var node = new SimulatedNode("edge-1");
        await node.ReportPersistentlyAsync(first.Fleet);
        var failing = first.Silo!;

        failing.Fail("a test says so");
        await node.ReportPersistentlyAsync(second.Fleet);
        await Eventually.HoldsAsync(() => first.Silo is { } silo && silo != failing, "another silo");
        await node.ReportPersistentlyAsync(first.Fleet);

        await CoordinatorsAsync(second.Fleet, 2);
    }

    [Fact]
    public async Task StartAsync_WithoutRedisThere_IsUnavailableUntilItIs()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.StopAsync();

        await using var host = await StartAsync(redis);
        await Assert.ThrowsAsync<FleetUnavailableException>(() => new SimulatedNode("edge-1").ReportAsync(host.Fleet));
        await redis.ResumeAsync();

        await new SimulatedNode("edge-1").ReportPersistentlyAsync(host.Fleet);
    }

    [Fact]
    public async Task StartAsync_WithConfigurationThatCannotBe_SaysAllOfIt()
    {
        var wrong = new SiloConfig
        {
            ClusterId = "a b",
            Redis = "host:port:nonsense,unknown=1",
            Timings = new FleetTimings { LeaseTime = TimeSpan.FromSeconds(1) },
        };

        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => GrainFleetHost.StartAsync(wrong, NullLoggerFactory.Instance, TimeProvider.System, default));

        Assert.Contains("cluster's name", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Redis", exception.Message, StringComparison.Ordinal);
        Assert.Contains("lease", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>What is in the message comes into logs.</summary>
    [Theory]
    [InlineData("password=of-the-fleet", "names no Redis server")]
    [InlineData("redis:6379,password=before,of-the-fleet=after", "part 3")]
    [InlineData("redis:6379,ssl=of-the-fleet", "part 2")]
    [InlineData("redis:6379,connectTimeout=of-the-fleet", "part 2")]
    public async Task StartAsync_WithConfigurationThatCannotBe_SaysNothingOfThePassword(string redis, string expected)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => GrainFleetHost.StartAsync(
            new SiloConfig { Redis = redis }, NullLoggerFactory.Instance, TimeProvider.System, default));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("of-the-fleet", exception.ToString(), StringComparison.Ordinal);
    }

    private static async Task<GrainFleetHost> StartAsync(RedisServer redis) =>
        (GrainFleetHost)await GrainFleetHost.StartAsync(
        new SiloConfig
        {
            Redis = redis.Configuration,
            Address = new IPEndPoint(IPAddress.Loopback, 0),
            Timings = Timings,
        }, NullLoggerFactory.Instance, TimeProvider.System, default);

    private static Task<FleetOverview> CoordinatorsAsync(IFleet fleet, int count) => Eventually.HoldsAsync(
        $"{count} coordinators", () => fleet.GetOverviewAsync(default).AsTask(), overview =>
            overview.Coordinators == count);

    private static LimitRule Limit(long sessions) =>
        new() { Identity = "*", Limit = new IdentityLimit { Sessions = sessions } };
}
