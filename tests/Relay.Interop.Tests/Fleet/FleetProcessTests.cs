using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>
/// A fleet of three node processes under failures, with traffic through it. A fleet grants nothing for a lease time after
/// its start, which is most of what each test takes: each is a class, so that they wait beside each other.
/// </summary>
/// <param name="silos">Whether the coordinators are three silos with a Redis, or one that has all in memory.</param>
public abstract class FleetProcessTests(bool silos)
{
    // More than a hung coordinator takes to be replaced, and than a busy machine holds a node up.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    internal Task<FleetWorld> StartAsync(TimeSpan? lease = null) => FleetWorld.StartAsync(silos, lease ?? Lease);
}
