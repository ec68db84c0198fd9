namespace Relay.Dashboard.Tests.World;

/// <summary>
/// The system's clock, or a time that a test moves, so that an hour of history can be made at once and ends now. Timers
/// are the system's.
/// </summary>
public sealed class ShiftedClock : TimeProvider
{
    private DateTimeOffset? _stopped;
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => _stopped ?? base.GetUtcNow() + _shift;

    // Time has passed, for whoever counts it as well: a wall clock that alone is elsewhere was set.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Stops it at a time before now; only <see cref="Move"/> moves it until it goes on.</summary>
    public void Stop(TimeSpan before) => _stopped = base.GetUtcNow() - before;

    /// <summary>Moves it on.</summary>
    public void Move(TimeSpan by)
    {
        if (_stopped is not null)
            _stopped += by;
        else
            _shift += by;
    }

    /// <summary>Lets it go on as the system's.</summary>
    public void GoOn() => _stopped = null;
}
