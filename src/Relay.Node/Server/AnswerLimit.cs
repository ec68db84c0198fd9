namespace Relay.Node.Server;

/// <summary>Lets so many events a second pass, and as many at once.</summary>
/// <param name="perSecond">How many.</param>
internal sealed class AnswerLimit(int perSecond)
{
    private readonly ulong _interval = 1_000_000_000 / (ulong)perSecond;
    private ulong _free;

    /// <param name="now">The loop's clock, in nanoseconds.</param>
    /// <returns>False when there is none left.</returns>
    internal bool TryTake(ulong now)
    {
        const ulong Second = 1_000_000_000;
        // Where the next one would stand in a line of even distance: at most a second ahead of the clock.
        var next = Math.Max(_free, now) + _interval;
        if (next > now + Second)
            return false;
        _free = next;
        return true;
    }
}
