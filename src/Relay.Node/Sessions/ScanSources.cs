namespace Relay.Node.Sessions;

/// <summary>
/// The scores of sources, bounded: those with nothing held against them are forgotten when there is no room.
/// </summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class ScanSources(int capacity = ScanLimits.MaxSources)
{
    /// <summary>
    /// Between two looks for sources to forget, in nanoseconds: a flood of sources must not cost more.
    /// </summary>
    private const ulong SweepInterval = 1_000_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ScanScore> _scores = [];
    private ulong _nextSweep;

    /// <summary>How many sources are watched.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _scores.Count;
        }
    }

    /// <summary>What watches a new connection of a source.</summary>
    /// <param name="source">The source, as limits count them.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal ScanWatch Watch(ulong source, ulong now)
    {
        var own = new ScanScore(ScanLimits.Connection);
        return Find(source, now) is { } shared ? new ScanWatch(own, shared) : new ScanWatch(own);
    }

    private ScanScore? Find(ulong source, ulong now)
    {
        lock (_gate)
        {
            if (_scores.TryGetValue(source, out var score))
                return score;
            if (_scores.Count >= capacity && !Sweep(now))
                return null;
            return _scores[source] = new ScanScore(ScanLimits.Source);
        }
    }

    private bool Sweep(ulong now)
    {
        if (now < _nextSweep)
            return false;
        _nextSweep = now + SweepInterval;
        foreach (var (source, score) in _scores)
        {
            if (score.IsCalm(now))
                _scores.Remove(source);
        }
        return _scores.Count < capacity;
    }
}
