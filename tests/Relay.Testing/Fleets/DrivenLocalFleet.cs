using Relay.Fleet.Local;

namespace Relay.Testing.Fleets;

/// <summary>The fleet in one process.</summary>
public sealed class DrivenLocalFleet : IDrivenFleet
{
    private readonly LocalFleet _fleet;

    private DrivenLocalFleet(LocalFleet fleet) => _fleet = fleet;

    public IFleet Fleet => _fleet;

    public static Task<IDrivenFleet> StartAsync(string clusterId, FleetTimings timings, TimeProvider clock)
    {
        var config = new LocalFleetConfig { ClusterId = clusterId, Timings = timings };
        return Task.FromResult<IDrivenFleet>(new DrivenLocalFleet(new LocalFleet(config, [], clock, new Random(1))));
    }

    public Task TickAsync()
    {
        _fleet.Tick();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
