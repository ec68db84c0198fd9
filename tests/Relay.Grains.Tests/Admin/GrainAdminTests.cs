using Relay.Admin.Tests.Suite;
using Relay.Fleet;

namespace Relay.Grains.Tests.Admin;

/// <summary>The admin API over grains, one silo in memory.</summary>
public class GrainAdminTests(SharedSilo silo) : AdminSuite, IClassFixture<SharedSilo>
{
    protected override Task<IFleetHost> StartFleetAsync(FleetTimings timings) => silo.LendAsync(timings);
}
