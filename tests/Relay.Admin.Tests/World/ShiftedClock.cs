namespace Relay.Admin.Tests.World;

/// <summary>The system's clocks, put forward: timers run as they do, and what has a date is older.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long _shift;

    public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));

    // Time has passed, for whoever counts it as well: a wall clock that alone is elsewhere was set.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _shift);
}
