namespace Relay.Node.Hosting;

/// <summary>
/// Says when it is worth its cost, a collection that stops the loops, to give memory back: when much more is resident
/// than the C allocator has given out, compared with what was so at best. A rush of clients shows so once it is over,
/// however many they were, and growth that is in use does not. Also when less than half of what was given out still is: the
/// managed memory that went with the rest is garbage, though a trim within the rush found it in use. A rush that leaves a large part of
/// what is resident waits for a few looks at most, however often memory was trimmed before: whoever causes one after the other must not
/// keep it, nor stop the loops at every look. So does one whose memory was all managed, of which the C allocator says nothing: it is over once
/// hardly anything is allocated any more, and what is resident then is compared with what was so when that was last the case.
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

    /// <summary>The same after a rush that left a large part of what is resident.</summary>
    internal const int LongestPauseAfterRush = 4;

    /// <summary>Managed bytes allocated from one look to the next, below which a node is quiet: what it gives back does not come back at once.</summary>
    internal const long Quiet = 4 * 1024 * 1024;

    /// <summary>A sixth of what is resident is a large part: without it, it was 1.2 times what is left.</summary>
    private const int LargePart = 6;

    private long _slack = long.MaxValue;
    private long _slackWhenQuiet = long.MaxValue;
    private long _allocatedWhenQuiet;
    private long _managed;
    private bool _isQuiet;
    private long _peak;
    private int _pause = 1;
    private int _looks;

    /// <summary>One look.</summary>
    /// <param name="resident">Bytes that are resident.</param>
    /// <param name="allocated">Bytes that the C allocator has given out.</param>
    /// <param name="managed">Managed bytes that were allocated since the process began.</param>
    internal bool IsDue(long resident, long allocated, long managed)
    {
        _looks++;
        (_isQuiet, _managed) = (managed - _managed < Quiet, managed);
        var slack = resident - allocated;
        _slack = Math.Min(_slack, slack);
        if (slack < _slackWhenQuiet)
            (_slackWhenQuiet, _allocatedWhenQuiet) = (slack, allocated);
        _peak = Math.Max(_peak, allocated);
        var isOver = _peak - allocated >= WorthwhileOnceOver && allocated < _peak / 2;
        // Where more is given out than there was, the rush is silent, and not over.
        var isLeft = _isQuiet && allocated - _allocatedWhenQuiet < WorthwhileOnceOver;
        var gain = slack - (isLeft ? _slackWhenQuiet : _slack);
        return (isOver || gain >= Worthwhile)
            && _looks >= ((isOver || isLeft) && gain >= resident / LargePart ? Math.Min(_pause, LongestPauseAfterRush) : _pause);
    }

    /// <summary>Memory was given back; what is resident now is in use, or cannot be had.</summary>
    internal void Trimmed(long resident, long allocated)
    {
        // Where it comes back at once, as by garbage of a busy node, a trim is of little use.
        _pause = _looks > 4 * _pause ? 1 : Math.Min(2 * _pause, LongestPause);
        _looks = 0;
        (_slack, _peak) = (resident - allocated, allocated);
        // While a rush lasts, what is in use is the rush's.
        if (_isQuiet)
            (_slackWhenQuiet, _allocatedWhenQuiet) = (_slack, allocated);
    }
}
