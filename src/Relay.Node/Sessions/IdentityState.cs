namespace Relay.Node.Sessions;

/// <summary>
/// What one identity uses of this node, and may use. Shared between loops, and touched at the beginning and the end of
/// a session, a tunnel or a slice of a limited rate; whoever limits or reports does so from any thread.
/// </summary>
internal sealed class IdentityState
{
    /// <summary>What a limited rate may be ahead of an even flow, in nanoseconds.</summary>
    private const ulong Burst = 100_000_000;

    private readonly Lock _gate = new();
    private readonly HashSet<Session> _sessions = [];
    private volatile IdentityLimits _limits;
    private long _tunnels;
    private long _refusals;
    private long _upstreamBefore;
    private long _downstreamBefore;
    private ulong _nextFree;
    private ulong _lastAsked;

    /// <param name="identity">Whose it is.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="scans">What its requests look like; null to watch it by connection and source only.</param>
    internal IdentityState(SessionIdentity identity, IdentityLimits limits, ScanScore? scans)
    {
        Identity = identity;
        Scans = scans;
        _limits = limits;
    }

    /// <summary>Whose it is.</summary>
    internal SessionIdentity Identity { get; }

    /// <summary>What its requests look like, from whatever address they come.</summary>
    internal ScanScore? Scans { get; }

    /// <summary>
    /// What it may use. A lower limit ends nothing that is open; it holds for what is asked for next.
    /// </summary>
    internal IdentityLimits Limits
    {
        get => _limits;
        set
        {
            lock (_gate)
            {
                if (value == _limits)
                    return;
                _limits = value;
                // What was promised under the old rate is asked for anew.
                _nextFree = Math.Min(_nextFree, _lastAsked);
            }
        }
    }

    /// <summary>Whether it has no session.</summary>
    internal bool IsUnused
    {
        get
        {
            lock (_gate)
                return _sessions.Count == 0;
        }
    }

    /// <summary>Counts a session, unless the limit is reached.</summary>
    internal bool TryBegin(Session session)
    {
        lock (_gate)
        {
            if (_sessions.Count < _limits.MaxSessions)
                return _sessions.Add(session);
        }
        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Counts a session no more; its bytes stay counted.</summary>
    internal void End(Session session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
            _upstreamBefore += session.UpstreamBytes;
            _downstreamBefore += session.DownstreamBytes;
        }
    }

    /// <summary>Counts a tunnel, unless the limit is reached.</summary>
    internal bool TryBeginTunnel()
    {
        if (Interlocked.Increment(ref _tunnels) <= _limits.MaxTunnels)
            return true;
        EndTunnel();
        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Counts a tunnel no more.</summary>
    internal void EndTunnel() => Interlocked.Decrement(ref _tunnels);

    /// <summary>Takes a slice out of a rate, in the order of asking.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <returns>Nanoseconds until it may be used; 0 for at once.</returns>
    internal ulong Reserve(long bytes, long bytesPerSecond, ulong now)
    {
        var time = (ulong)(bytes * 1e9 / Math.Max(1, bytesPerSecond));
        ulong start;
        lock (_gate)
        {
            _lastAsked = Math.Max(_lastAsked, now);
            start = Math.Max(_nextFree, _lastAsked - Burst);
            _nextFree = start + time;
        }
        if (start <= now)
            return 0;
        Interlocked.Increment(ref _refusals);
        return start - now;
    }

    /// <summary>What it uses now; bytes of open sessions are at most a moment old.</summary>
    internal IdentitySnapshot Read()
    {
        lock (_gate)
        {
            long upstream = _upstreamBefore, downstream = _downstreamBefore;
            foreach (var session in _sessions)
            {
                upstream += session.UpstreamBytes;
                downstream += session.DownstreamBytes;
            }
            return new IdentitySnapshot(
                Identity, _sessions.Count, Volatile.Read(ref _tunnels), Volatile.Read(ref _refusals), upstream,
                downstream);
        }
    }

    /// <summary>Its open sessions.</summary>
    internal Session[] ListSessions()
    {
        lock (_gate)
            return [.. _sessions];
    }
}
