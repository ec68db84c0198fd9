using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>One silo, whose storage outlives it.</summary>
public sealed class MemoryCluster() : GrainCluster(isOnRedis: false, silos: 1, GrainHarness.ShortTimings);

[CollectionDefinition(nameof(MemoryCluster))]
public sealed class MemoryCollection : ICollectionFixture<MemoryCluster>;

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryNodeTests(MemoryCluster cluster) : NodeBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryNameTests(MemoryCluster cluster) : NameBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemorySessionTests(MemoryCluster cluster) : SessionBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLeaseTests(MemoryCluster cluster) : LeaseBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryPoolTests(MemoryCluster cluster) : PoolBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryDrainTests(MemoryCluster cluster) : DrainBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryLimitTests(MemoryCluster cluster) : LimitBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryStatsTests(MemoryCluster cluster) : StatsBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}

[Collection(nameof(MemoryCluster))]
[Trait("Needs", "Cluster")]
public sealed class MemoryEventTests(MemoryCluster cluster) : EventBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.StartAsync(cluster);
}
