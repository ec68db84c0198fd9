using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>Three silos on a Redis server.</summary>
public sealed class RedisCluster() : GrainCluster(isOnRedis: true, silos: 3, GrainHarness.ShortTimings);

[CollectionDefinition(nameof(RedisCluster))]
public sealed class RedisCollection : ICollectionFixture<RedisCluster>;

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisNodeTests(RedisCluster cluster) : NodeBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisNameTests(RedisCluster cluster) : NameBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisSessionTests(RedisCluster cluster) : SessionBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisLeaseTests(RedisCluster cluster) : LeaseBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisPoolTests(RedisCluster cluster) : PoolBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisDrainTests(RedisCluster cluster) : DrainBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisLimitTests(RedisCluster cluster) : LimitBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisStatsTests(RedisCluster cluster) : StatsBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisEventTests(RedisCluster cluster) : EventBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}
