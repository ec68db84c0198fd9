namespace Relay.Fleet.Users;

/// <summary>
/// The wall clock for what is not to last longer because that is set back: it is set ahead with it, and otherwise goes on by the
/// monotonic clock. Not for several threads at once.
/// </summary>
/// <param name="time">Both clocks.</param>
public sealed class OnwardClock(TimeProvider time)
{
    private DateTimeOffset _known = time.GetUtcNow();
    private long _at = time.GetTimestamp();

    /// <summary>Reads it; it never gives less than before.</summary>
    public DateTimeOffset Read()
    {
        var (wall, at) = (time.GetUtcNow(), time.GetTimestamp());
        var reckoned = _known + time.GetElapsedTime(_at, at);
        (_known, _at) = (wall > reckoned ? wall : reckoned, at);
        return _known;
    }
}
