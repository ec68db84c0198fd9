namespace Relay.Dashboard.Tests.World;

/// <summary>The system's clock, moved: so that an hour of history can be made at once and ends now. Timers are the system's.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private TimeSpan _shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _shift;

    /// <summary>Moves it, forward or back.</summary>
    public void Move(TimeSpan by) => _shift += by;

    /// <summary>How far it is off.</summary>
    public TimeSpan Shift => _shift;
}
