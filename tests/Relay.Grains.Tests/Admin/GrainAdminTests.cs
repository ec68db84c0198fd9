using Relay.Testing.Admin;

namespace Relay.Grains.Tests.Admin;

/// <summary>The admin API over grains, one silo in memory.</summary>
[Trait("Needs", "Cluster")]
public class GrainAdminTests(SharedSilo silo) : AdminSuite, IClassFixture<SharedSilo>
{
    protected override Task<IFleetHost> StartFleetAsync(FleetTimings timings) => silo.LendAsync(timings);
}
