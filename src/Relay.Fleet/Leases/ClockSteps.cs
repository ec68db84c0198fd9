using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// Reads the wall clock and says when it was set: when it went otherwise than the monotonic clock beside it. Whoever
/// counts time by the wall clock cannot know then how much has passed. A machine that was suspended looks the same. Not
/// for several threads at once.
/// </summary>
public sealed class ClockSteps
{
    private readonly TimeProvider time;
    private readonly TimeSpan tolerance;
    private readonly TimeSpan window;
    private Reading known;

    /// <summary>Begins with what the clocks say now.</summary>
    /// <param name="time">Both clocks.</param>
    /// <param name="timings">
    /// Half of <see cref="FleetTimings.MaxClockSkew"/> within a lease time is not taken for a step: a clock that is
    /// slewed loses or gains less (0.05 %, adjtimex(2)), and the holder's margin has room for it.
    /// </param>
    public ClockSteps(TimeProvider time, FleetTimings timings)
    {
        (this.time, tolerance, window) = (time, timings.MaxClockSkew / 2, timings.LeaseTime);
        known = Take();
    }

    /// <summary>Reads the wall clock.</summary>
    /// <param name="stepped">Whether it was set since it was last read.</param>
    public DateTimeOffset Read(out bool stepped)
    {
        var now = Take();
        var passed = now.Wall - known.Wall;
        // The thread may have been kept waiting between two of the readings: what that may have been is no step.
        var ahead = passed - time.GetElapsedTime(known.Before, now.After);
        var behind = time.GetElapsedTime(known.After, now.Before) - passed;
        stepped = ahead > tolerance || behind > tolerance;
        if (stepped || time.GetElapsedTime(known.After, now.Before) > window)
            known = now;
        return now.Wall;
    }

    private Reading Take() => new(time.GetTimestamp(), time.GetUtcNow(), time.GetTimestamp());

    private readonly record struct Reading(long Before, DateTimeOffset Wall, long After);
}
