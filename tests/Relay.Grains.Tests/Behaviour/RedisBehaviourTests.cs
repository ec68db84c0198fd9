using Relay.Fleet.Tests.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

public sealed class RedisNodeTests : NodeBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisSessionTests : SessionBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisLeaseTests : LeaseBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisPoolTests : PoolBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisDrainTests : DrainBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisLimitTests : LimitBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisStatsTests : StatsBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}

public sealed class RedisEventTests : EventBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => GrainHarness.OnRedisAsync();
}
