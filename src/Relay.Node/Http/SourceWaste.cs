using System.Runtime.InteropServices;

namespace Relay.Node.Http;

/// <summary>
/// What all connections of a source may have come to nothing on a loop: some times what one may, so that who is ended for it and
/// connects anew, or has many, has no more. Bounded; what has its budget whole is forgotten when there is no room.
/// </summary>
/// <param name="perSecond">Resets of a connection, for long.</param>
/// <param name="streams">Requests that a connection may have open.</param>
/// <param name="capacity">Sources that are kept; beyond, a connection's own budget is all there is.</param>
internal sealed class SourceWaste(int perSecond, long streams, int capacity = SourceWaste.MaxSources)
{
    /// <summary>Sources that are kept.</summary>
    internal const int MaxSources = 8192;

    /// <summary>Connections' worth of it: there may be an office behind a source.</summary>
    internal const int Connections = 8;

    /// <summary>Between two looks for what to forget, in nanoseconds: a flood of sources must not cost more.</summary>
    private const ulong SweepInterval = 1_000_000_000;

    private readonly Dictionary<ulong, FrameBudget> _bySource = [];
    private ulong _nextSweep;

    /// <summary>Sources that are kept.</summary>
    internal int Count => _bySource.Count;

    /// <summary>Takes from a source's.</summary>
    /// <param name="source">The source, by <see cref="Io.SourceKey"/>.</param>
    /// <param name="resets">As <see cref="FrameBudget"/> counts them.</param>
    /// <param name="now">The loop's clock, in nanoseconds.</param>
    /// <returns>False when there is not so much left.</returns>
    internal bool TryTake(ulong source, int resets, ulong now)
    {
        if (resets == 0)
            return true;
        if (_bySource.Count >= capacity && !_bySource.ContainsKey(source) && !Sweep(now))
            return true;
        ref var budget = ref CollectionsMarshal.GetValueRefOrAddDefault(_bySource, source, out var isKnown);
        if (!isKnown)
            budget = FrameBudget.Of(Connections * perSecond, streams);
        return budget.TryTake(resets, now);
    }

    private bool Sweep(ulong now)
    {
        if (now < _nextSweep)
            return false;
        _nextSweep = now + SweepInterval;
        foreach (var (source, budget) in _bySource)
        {
            if (budget.IsWhole(now))
                _bySource.Remove(source);
        }
        return _bySource.Count < capacity;
    }
}
