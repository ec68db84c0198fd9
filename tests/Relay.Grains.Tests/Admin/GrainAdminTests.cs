using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Fleet.Contract;
using Relay.Grains.Hosting;
using Relay.Testing;
using Relay.Testing.Admin;

namespace Relay.Grains.Tests.Admin;

/// <summary>The admin API over grains, one silo in memory.</summary>
public class GrainAdminTests : AdminSuite
{
    protected override async Task<IFleetHost> StartFleetAsync(FleetTimings timings)
    {
        var clock = new ShiftedClock();
        var host = await GrainFleetHost.StartAsync(
            new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0), Timings = timings },
            NullLoggerFactory.Instance, new GrainClock(clock, isPatient: true), configure: null, default);
        // The fleet's state begins with the first question; blocks are granted once leases before that have run out.
        await Eventually.HoldsAsync(
            "the fleet", async () => await host.Fleet.GetOverviewAsync(default), static _ => true);
        clock.Move(timings.LeaseTime + TimeSpan.FromSeconds(1));
        return host;
    }
}
