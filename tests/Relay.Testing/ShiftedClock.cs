namespace Relay.Testing;

/// <summary>
/// The system's clock, put forward, or stopped at a time that a test moves: what has a date is older at once, and an
/// hour of history ends now. Timers are the system's, which no clock that stands still could have.
/// </summary>
public sealed class ShiftedClock : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset? _stopped;
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _stopped ?? base.GetUtcNow() + _shift;
    }

    // Time has passed, for whoever counts it as well: a wall clock that alone is elsewhere was set.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Stops it at a time before now; only <see cref="Move"/> moves it until it goes on.</summary>
    public void Stop(TimeSpan before)
    {
        lock (_gate)
            _stopped = base.GetUtcNow() - before;
    }

    /// <summary>Moves it on.</summary>
    public void Move(TimeSpan by)
    {
        lock (_gate)
        {
            if (_stopped is not null)
                _stopped += by;
            else
                _shift += by;
        }
    }

    /// <summary>Lets it go on as the system's.</summary>
    public void GoOn()
    {
        lock (_gate)
            _stopped = null;
    }
}
