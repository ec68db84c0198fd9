namespace Relay.Testing.Fleets;

/// <summary>A fleet in which time does its part when a test says so.</summary>
public interface IDrivenFleet : IAsyncDisposable
{
    IFleet Fleet { get; }

    Task TickAsync();
}

/// <summary>Starts an empty fleet. It has begun, by the clock as it stands, when this has completed.</summary>
public delegate Task<IDrivenFleet> FleetStart(string clusterId, FleetTimings timings, TimeProvider clock);
