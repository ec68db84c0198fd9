namespace Relay.Admin.Tests.World;

/// <summary>The system's clock, put forward: timers run as they do, and what has a date is older.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long _shift;

    public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _shift));
}
