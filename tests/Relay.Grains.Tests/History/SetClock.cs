namespace Relay.Grains.Tests.History;

/// <summary>A coordinator's clocks: true time that passes, and a wall clock that somebody may have set.</summary>
internal sealed class SetClock(TimeProvider time) : TimeProvider
{
    private TimeSpan _error;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + _error;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);

    /// <summary>Sets the wall clock ahead of true time, or behind it.</summary>
    internal void Set(TimeSpan error) => _error = error;
}
