using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// Reads the wall clock and says when it was set: when it went otherwise than the monotonic clock beside it. Whoever
/// counts time by the wall clock cannot know then how much has passed. A machine that was suspended looks the same. Not
/// for several threads at once.
/// </summary>
public sealed class ClockSteps
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _tolerance;
    private readonly TimeSpan _window;
    private Reading _known;

    /// <summary>Begins with what the clocks say now.</summary>
    /// <param name="time">Both clocks.</param>
    /// <param name="timings">
    /// Half of <see cref="FleetTimings.MaxClockSkew"/> within a lease time is not taken for a step: a clock that is
    /// slewed loses or gains less (0.05 %, adjtimex(2)), and the holder's margin has room for it.
    /// </param>
    public ClockSteps(TimeProvider time, FleetTimings timings)
    {
        (_time, _tolerance, _window) = (time, timings.MaxClockSkew / 2, timings.LeaseTime);
        _known = ReadClocks();
    }

    /// <summary>Reads the wall clock.</summary>
    /// <param name="by">By how much it was set since it was last read, back where negative; 0 where it was not.</param>
    public DateTimeOffset Read(out TimeSpan by)
    {
        var now = ReadClocks();
        var passed = now.Wall - _known.Wall;
        // The thread may have been kept waiting between two of the readings: what that may have been is no step.
        var ahead = passed - _time.GetElapsedTime(_known.Before, now.After);
        var behind = _time.GetElapsedTime(_known.After, now.Before) - passed;
        by = ahead > _tolerance ? ahead : behind > _tolerance ? -behind : TimeSpan.Zero;
        if (by != TimeSpan.Zero || _time.GetElapsedTime(_known.After, now.Before) > _window)
            _known = now;
        return now.Wall;
    }

    private Reading ReadClocks() => new(_time.GetTimestamp(), _time.GetUtcNow(), _time.GetTimestamp());

    private readonly record struct Reading(long Before, DateTimeOffset Wall, long After);
}
