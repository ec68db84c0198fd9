using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>One silo, whose storage outlives it.</summary>
public sealed class MemoryCluster() : GrainCluster(isOnRedis: false, silos: 1);

[CollectionDefinition(nameof(MemoryCluster))]
public sealed class MemoryCollection : ICollectionFixture<MemoryCluster>;

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryNodeTests(MemoryCluster cluster) : NodeBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryNameTests(MemoryCluster cluster) : NameBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryQuarantineTests(MemoryCluster cluster) : QuarantineBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemorySessionTests(MemoryCluster cluster) : SessionBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLeaseTests(MemoryCluster cluster) : LeaseBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLostStateTests(MemoryCluster cluster) : LostStateBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryBackupTests(MemoryCluster cluster) : BackupBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryPoolTests(MemoryCluster cluster) : PoolBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryShareTests(MemoryCluster cluster) : ShareBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryDrainTests(MemoryCluster cluster) : DrainBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLimitTests(MemoryCluster cluster) : LimitBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryStatsTests(MemoryCluster cluster) : StatsBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryEventTests(MemoryCluster cluster) : EventBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryUserTests(MemoryCluster cluster) : UserBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryEnrolmentTests(MemoryCluster cluster) : EnrolmentBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryUserHandOverTests(MemoryCluster cluster) : UserHandOverBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryUserUsageTests(MemoryCluster cluster) : UserUsageBehaviour(cluster.StartAsync);

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLiarTests(MemoryCluster cluster, ITestOutputHelper output) : LiarBehaviour(cluster.StartAsync, output);
