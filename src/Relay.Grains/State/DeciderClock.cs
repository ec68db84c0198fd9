using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Grains.State;

/// <summary>How a coordinator's wall clock was set while an activation has lived.</summary>
/// <param name="Steps">How many times.</param>
/// <param name="Sum">By how much in all.</param>
internal readonly record struct ClockShift(long Steps, TimeSpan Sum);

/// <summary>A decider whose times move with a wall clock that is set.</summary>
internal interface IClockFollower
{
    /// <summary>How the clock was set, as far as this decider knows.</summary>
    ClockShift Shift { get; }

    /// <summary>The clock has been set so, and is now at a time: recovers where that is news.</summary>
    void Follow(ClockShift shift, DateTimeOffset now);
}

/// <summary>
/// The wall clock as an activation's deciders see it. That it was set is told to each of them, one that had to go back to what is
/// stored among them, until what came of it is stored.
/// </summary>
/// <param name="time">The clocks.</param>
/// <param name="timings">The fleet's times.</param>
/// <param name="onStep">Told by how much it was set.</param>
internal sealed class DeciderClock(TimeProvider time, FleetTimings timings, Action<TimeSpan>? onStep = null)
{
    private readonly ClockSteps _steps = new(time, timings);
    private ClockShift _shift;
    private ClockShift _stored;

    /// <summary>
    /// Reads it for a decider that is restored. Times that it counts anew from now do not move by a step that it does not know of, and
    /// it learns of that step; times that were stored do, from how the clock was set when they were.
    /// </summary>
    internal (DateTimeOffset Now, ClockShift Shift, ClockShift Stored) Begin()
    {
        var now = Read();
        return (now, _shift with { Steps = _stored.Steps }, _stored);
    }

    /// <summary>Reads it for a decision.</summary>
    internal DateTimeOffset Read(IClockFollower decider)
    {
        var now = Read();
        decider.Follow(_shift, now);
        return now;
    }

    private DateTimeOffset Read()
    {
        var now = _steps.Read(out var by);
        if (by != TimeSpan.Zero)
        {
            _shift = new ClockShift(_shift.Steps + 1, _shift.Sum + by);
            onStep?.Invoke(by);
        }
        return now;
    }

    /// <summary>What a decider has come to is stored.</summary>
    internal void OnStored(IClockFollower decider) => _stored = decider.Shift;
}
