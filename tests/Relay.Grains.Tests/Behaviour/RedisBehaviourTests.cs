using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>Three silos on a Redis server.</summary>
public sealed class RedisCluster() : GrainCluster(isOnRedis: true, silos: 3);

[CollectionDefinition(nameof(RedisCluster))]
public sealed class RedisCollection : ICollectionFixture<RedisCluster>;

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisNodeTests(RedisCluster cluster) : NodeBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisNameTests(RedisCluster cluster) : NameBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisQuarantineTests(RedisCluster cluster) : QuarantineBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisSessionTests(RedisCluster cluster) : SessionBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisLeaseTests(RedisCluster cluster) : LeaseBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisLostStateTests(RedisCluster cluster) : LostStateBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisBackupTests(RedisCluster cluster) : BackupBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisPoolTests(RedisCluster cluster) : PoolBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisShareTests(RedisCluster cluster) : ShareBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisDrainTests(RedisCluster cluster) : DrainBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisLimitTests(RedisCluster cluster) : LimitBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisStatsTests(RedisCluster cluster) : StatsBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisEventTests(RedisCluster cluster) : EventBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisUserTests(RedisCluster cluster) : UserBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisEnrolmentTests(RedisCluster cluster) : EnrolmentBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisUserHandOverTests(RedisCluster cluster) : UserHandOverBehaviour(cluster.StartAsync);

[Collection(nameof(RedisCluster))]
[Trait("Needs", "Cluster")]
public sealed class RedisUserUsageTests(RedisCluster cluster) : UserUsageBehaviour(cluster.StartAsync);
