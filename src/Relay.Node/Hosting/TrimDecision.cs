namespace Relay.Node.Hosting;

/// <summary>
/// Says when it is worth its cost, a collection that stops the loops, to give memory back: when much more is resident
/// than the C allocator has given out, compared with what was so at best. A rush of clients shows so once it is over,
/// however many they were, and growth that is in use does not. Also when less than half of what was given out still is: the
/// managed memory that went with the rest is garbage, though a trim within the rush found it in use. A rush that leaves a large part of
/// what is resident does not wait, however soon it is after the last trim: whoever causes one after the other must not keep it.
/// </summary>
internal sealed class TrimDecision
{
    /// <summary>Less than this is not worth a collection, in bytes.</summary>
    internal const long Worthwhile = 16 * 1024 * 1024;

    /// <summary>
    /// The same where most of what was given out is free again: what a rush left is then to be had whole, and soon, though the
    /// trim before came while half of its clients were still there.
    /// </summary>
    internal const long WorthwhileOnceOver = 4 * 1024 * 1024;

    /// <summary>Looks between two trims at most, where each is soon followed by the next.</summary>
    internal const int LongestPause = 64;

    private long _slack = long.MaxValue;
    private long _peak;
    private int _pause = 1;
    private int _looks;

    /// <summary>One look.</summary>
    /// <param name="resident">Bytes that are resident.</param>
    /// <param name="allocated">Bytes that the C allocator has given out.</param>
    internal bool IsDue(long resident, long allocated)
    {
        _looks++;
        _slack = Math.Min(_slack, resident - allocated);
        _peak = Math.Max(_peak, allocated);
        var isOver = _peak - allocated >= WorthwhileOnceOver && allocated < _peak / 2;
        var gain = resident - allocated - _slack;
        return (isOver && gain >= resident / 4) || ((isOver || gain >= Worthwhile) && _looks >= _pause);
    }

    /// <summary>Memory was given back; what is resident now is in use, or cannot be had.</summary>
    internal void Trimmed(long resident, long allocated)
    {
        // Where it comes back at once, as by garbage of a busy node, a trim is of little use.
        _pause = _looks > 4 * _pause ? 1 : Math.Min(2 * _pause, LongestPause);
        _looks = 0;
        (_slack, _peak) = (resident - allocated, allocated);
    }
}
