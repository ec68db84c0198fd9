using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>The admin API over a fleet in one process.</summary>
public class LocalFleetTests : AdminSuite
{
    protected override Task<IFleetHost> StartFleetAsync(FleetTimings timings)
    {
        // After its start such a fleet grants nothing until leases of the time before must have run out.
        var clock = new ShiftedClock();
        var host = LocalFleetHost.Start(new LocalFleetConfig { Timings = timings }, clock);
        clock.Move(timings.LeaseTime + TimeSpan.FromSeconds(1));
        return Task.FromResult<IFleetHost>(host);
    }
}
