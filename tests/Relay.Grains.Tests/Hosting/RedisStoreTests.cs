using Orleans.Persistence;
using Relay.Grains.Hosting;
using Relay.Testing.Redis;
using StackExchange.Redis;

namespace Relay.Grains.Tests.Hosting;

/// <summary>Whether a coordinator reaches the Redis that stores.</summary>
[Trait("Needs", "Cluster")]
public sealed class RedisStoreTests
{
    [Fact]
    public async Task Store_OfWhichAReplicaIsLeft_IsAway()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync();
        await using (var admin = await ConnectionMultiplexer.ConnectAsync($"{replica.Configuration},allowAdmin=true"))
            await admin.GetServers()[0].ExecuteAsync("REPLICAOF", "127.0.0.1", $"{primary.Port}");
        var store = new RedisStore("fleet", TimeProvider.System);
        await using var connection = await ConnectAsync(store, $"{primary.Configuration},{replica.Configuration}");
        Assert.True(store.IsUp);

        await primary.StopAsync();

        await Eventually.HoldsAsync("that it is away", () => Task.FromResult(store.IsUp), static isUp => !isUp);
        Assert.True(connection.IsConnected);
    }

    [Fact]
    public async Task Store_ThatHasNotAnswered_IsAway_UntilItHas_OrNobodyAsksIt()
    {
        var time = new ManualTime();
        await using var redis = await RedisServer.StartAsync();
        var store = new RedisStore("fleet", time);
        await using var connection = await ConnectAsync(store, redis.Configuration);

        store.OnAsked(isError: true);
        Assert.False(store.IsUp);
        store.OnAsked(isError: false);
        Assert.True(store.IsUp);
        store.OnAsked(isError: true);
        time.Advance(RedisStore.FailureTold - TimeSpan.FromSeconds(1));
        Assert.False(store.IsUp);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(store.IsUp);
    }

    private static async Task<IConnectionMultiplexer> ConnectAsync(RedisStore store, string configuration) => (await store.ConnectAsync(
        new RedisStorageOptions { ConfigurationOptions = ConfigurationOptions.Parse($"{configuration},{RedisServer.Hasty}") })).Multiplexer;
}
