using System.Collections.Immutable;
using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Targets;

namespace Relay.Node.Tunnels;

/// <summary>
/// What each source may send to UDP targets that have not answered it, whatever tunnels it opens: who closes a tunnel and
/// opens the next has no more. Bounded; what has its budget whole is forgotten when there is no room. Shared by loops;
/// asked once a tunnel.
/// </summary>
/// <param name="capacity">Pairs of source and address that are kept; beyond, a source's new ones share one budget.</param>
internal sealed class UnansweredTargets(int capacity = UnansweredTargets.MaxPairs)
{
    /// <summary>Pairs that are kept.</summary>
    internal const int MaxPairs = 65_536;

    /// <summary>
    /// The first flights of some twenty clients of QUIC, whose targets all answer later than that; and what callers of peers that are not
    /// there yet send.
    /// </summary>
    internal static readonly RateLimit DefaultLimit = new(512, 16);

    /// <summary>
    /// Sources that have a budget for what the pairs have no room for; beyond, a tunnel's own budget is all there is.
    /// </summary>
    internal const int MaxSources = 8192;

    /// <summary>Between two looks for what to forget, in nanoseconds: a flood of pairs must not cost more.</summary>
    private const ulong SweepInterval = 1_000_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Source, AddressBits Target), UnansweredPair> _pairs = [];
    private readonly Dictionary<ulong, UnansweredPair> _rest = [];
    private ulong _nextSweep;

    /// <summary>Targets that may be sent to without an answer, as with syslog or RTP.</summary>
    internal ImmutableArray<TargetRule> Allowed { get; init; } = [];

    /// <summary>Datagrams of 1 KiB that each source may send to an address that has not answered.</summary>
    internal RateLimit Limit { get; init; } = DefaultLimit;

    /// <summary>Budgets that are kept.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _pairs.Count + _rest.Count;
        }
    }

    /// <summary>Whether a target need not answer.</summary>
    internal bool Allows(IPEndPoint target)
    {
        foreach (var rule in Allowed)
        {
            if (rule.Matches(AddressBits.Of(target.Address), target.Port))
                return true;
        }
        return false;
    }

    /// <summary>
    /// The budget of a source toward an address, whatever the port: who floods a host floods its link. It is held until
    /// <see cref="UnansweredPair.LetGo"/>: as long as a tunnel counts on it, the next has the same. Null where there is no
    /// room for it.
    /// </summary>
    /// <param name="source">As limits count them.</param>
    /// <param name="target">The address.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal UnansweredPair? Find(ulong source, IPAddress target, ulong now)
    {
        var key = (source, AddressBits.Of(target));
        lock (_gate)
        {
            var pair = Find(key, now);
            pair?.Hold();
            return pair;
        }
    }

    private UnansweredPair? Find((ulong Source, AddressBits Target) key, ulong now)
    {
        if (_pairs.TryGetValue(key, out var pair))
            return pair;
        if (_pairs.Count >= capacity)
            Sweep(now);
        if (_pairs.Count < capacity)
            return _pairs[key] = new UnansweredPair(Limit);
        if (_rest.TryGetValue(key.Source, out pair))
            return pair;
        return _rest.Count < MaxSources ? _rest[key.Source] = new UnansweredPair(Limit, isRest: true) : null;
    }

    private void Sweep(ulong now)
    {
        if (now < _nextSweep)
            return;
        _nextSweep = now + SweepInterval;
        foreach (var (key, pair) in _pairs)
        {
            if (!pair.IsHeld && pair.IsWhole(now))
                _pairs.Remove(key);
        }
        foreach (var (source, pair) in _rest)
        {
            if (!pair.IsHeld && pair.IsWhole(now))
                _rest.Remove(source);
        }
    }
}
