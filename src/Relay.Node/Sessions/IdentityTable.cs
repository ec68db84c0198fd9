using System.Collections.Frozen;

namespace Relay.Node.Sessions;

/// <summary>
/// Every identity that uses this node, and the limits that were set for some. Identities without a session are
/// forgotten once nothing is held against them, and at the latest when there are too many.
/// </summary>
/// <param name="capacity">
/// Identities that are remembered without a session, and that are watched for scans of their own.
/// </param>
internal sealed class IdentityTable(int capacity = ScanLimits.MaxSources)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IdentityState> _states = new(StringComparer.Ordinal);
    private FrozenDictionary<string, IdentityLimits> _limits = FrozenDictionary<string, IdentityLimits>.Empty;
    private IdentityLimits _otherwise = IdentityLimits.None;
    private volatile SpentQuota _spent = SpentQuota.None;
    private int _sweepAt;

    /// <summary>Whose quota of a month is used up: they get no tunnel. From any thread.</summary>
    internal SpentQuota Spent
    {
        get => _spent;
        set => _spent = value;
    }

    /// <summary>How many identities are known at the moment.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
                return _states.Count;
        }
    }

    /// <summary>Counts a session for its identity; the session then has an owner.</summary>
    /// <param name="session">The session, with its identity.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <returns>False when the identity's limit of sessions is reached.</returns>
    internal bool TryBegin(Session session, ulong now)
    {
        lock (_gate)
        {
            var state = _states.GetValueOrDefault(session.Identity.Text) ?? Add(session.Identity, now);
            if (!state.TryBegin(session))
                return false;
            session.Owner = state;
            return true;
        }
    }

    /// <summary>Counts a session no more.</summary>
    /// <param name="session">The session.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    internal void End(Session session, ulong now)
    {
        if (session.Owner is not { } state)
            return;
        lock (_gate)
        {
            state.End(session);
            if (state.IsUnused && IsCalm(state, now))
                _states.Remove(state.Identity.Text);
        }
    }

    /// <summary>
    /// Replaces all limits. From any thread; what is open stays, what is asked for next is held to them.
    /// </summary>
    /// <param name="limits">
    /// By <see cref="SessionIdentity.Text"/>. Those of <c>anonymous</c> hold for all such clients together.
    /// </param>
    /// <param name="otherwise">Those of each identity that is not named.</param>
    internal void Use(IReadOnlyDictionary<string, IdentityLimits> limits, IdentityLimits otherwise)
    {
        lock (_gate)
        {
            _otherwise = otherwise;
            _limits = limits.ToFrozenDictionary(StringComparer.Ordinal);
            foreach (var (name, state) in _states)
                state.Limits = LimitsOf(name);
        }
    }

    /// <summary>What every identity with a session, or remembered, uses at this moment.</summary>
    internal IdentitySnapshot[] List()
    {
        IdentityState[] states;
        lock (_gate)
            states = [.. _states.Values];
        return Array.ConvertAll(states, static state => state.Read());
    }

    private IdentityState Add(SessionIdentity identity, ulong now)
    {
        if (_states.Count >= Math.Max(_sweepAt, capacity))
            Sweep(now);
        // What all strangers have asked for together says nothing about any of them.
        var scans = identity.Kind == IdentityKind.Anonymous || _states.Count >= capacity
            ? null : new ScanScore(ScanLimits.Source);
        return _states[identity.Text] = new IdentityState(identity, LimitsOf(identity.Text), scans);
    }

    private void Sweep(ulong now)
    {
        Forget(state => state.IsUnused && IsCalm(state, now));
        if (_states.Count >= capacity)
            Forget(static state => state.IsUnused);
        // Those that are left have sessions: looking again at each new one would help nobody.
        _sweepAt = 2 * _states.Count;
    }

    private void Forget(Predicate<IdentityState> which)
    {
        foreach (var (name, state) in _states)
        {
            if (which(state))
                _states.Remove(name);
        }
    }

    private IdentityLimits LimitsOf(string identity) => _limits.GetValueOrDefault(identity, _otherwise);

    private static bool IsCalm(IdentityState state, ulong now) => state.Scans?.IsCalm(now) ?? true;
}
