namespace Relay.Testing.Behaviour;

/// <summary>A fleet under test, whatever runs it, and its clock.</summary>
public interface IFleetHarness : IAsyncDisposable
{
    /// <summary>The fleet; another object after <see cref="RestartAsync"/>.</summary>
    IFleet Fleet { get; }

    /// <summary>The true time, which the clocks of simulated nodes show.</summary>
    TimeProvider Time { get; }

    /// <summary>Whether pools, limits, drains and leases outlive <see cref="RestartAsync"/>.</summary>
    bool KeepsState { get; }

    /// <summary>Lets time pass, a report interval or less, and everything that it makes happen.</summary>
    Task AdvanceAsync(TimeSpan by);

    /// <summary>Sets the coordinators' wall clock ahead, or back, while no time passes.</summary>
    void SetClock(TimeSpan by);

    /// <summary>Ends the coordinators without warning and starts others.</summary>
    Task RestartAsync();

    /// <summary>All that the coordinators knew is gone, what was stored as well.</summary>
    Task LoseStateAsync();
}
