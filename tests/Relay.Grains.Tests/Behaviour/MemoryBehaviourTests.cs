using Relay.Fleet.Tests.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

public sealed class MemoryNodeTests : NodeBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemorySessionTests : SessionBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryLeaseTests : LeaseBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryPoolTests : PoolBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryDrainTests : DrainBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryLimitTests : LimitBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryStatsTests : StatsBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}

public sealed class MemoryEventTests : EventBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.InMemoryAsync();
}
