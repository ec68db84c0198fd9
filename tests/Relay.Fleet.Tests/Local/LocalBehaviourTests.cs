using Relay.Testing.Behaviour;

namespace Relay.Fleet.Tests.Local;

public class LocalNodeTests : NodeBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalNameTests : NameBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalSessionTests : SessionBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalLeaseTests : LeaseBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalPoolTests : PoolBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalDrainTests : DrainBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalLimitTests : LimitBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalStatsTests : StatsBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}

public class LocalEventTests : EventBehaviour
{
    protected override Task<IFleetHarness> StartAsync() => Task.FromResult<IFleetHarness>(new LocalHarness());
}
