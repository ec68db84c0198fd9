namespace Relay.Fleet.Tests.Behaviour;

/// <summary>A fleet under test, whatever runs it, and its clock.</summary>
public interface IFleetHarness : IAsyncDisposable
{
    /// <summary>The fleet; another object after <see cref="RestartAsync"/>.</summary>
    IFleet Fleet { get; }

    /// <summary>Its times; tests take theirs from them.</summary>
    FleetTimings Timings { get; }

    /// <summary>The time of the fleet and of its simulated nodes.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Whether pools, limits, drains and leases outlive <see cref="RestartAsync"/>.</summary>
    bool KeepsState { get; }

    /// <summary>Lets time pass, a report interval or less, and everything that it makes happen.</summary>
    Task AdvanceAsync(TimeSpan by);

    /// <summary>Ends the coordinators without warning and starts others.</summary>
    Task RestartAsync();
}
