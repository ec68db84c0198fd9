using Relay.Fleet.Contract;
using Relay.Fleet.Sessions;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What is believed of a node's word on what identities use there: no more than its own sessions of them, and than it was last
/// allowed. What is believed is refused to others, so that a word alone is not enough.
/// </summary>
internal sealed class ClaimedUse
{
    // Identities without a session here that were refused one; the others have their turn with a later report.
    private const int MaxWithoutSession = 64;

    // Reports within which a node that is heard of anew, as by a coordinator that has just begun, tells of its sessions.
    private const int Anew = 3;

    private Allowed? _last;
    private Allowed? _before;
    private long? _first;
    private Dictionary<string, IdentityUsage> _believed = new(StringComparer.Ordinal);

    /// <summary>The claims of a report as far as they are believed.</summary>
    internal IReadOnlyList<IdentityUsage> Believe(NodeReport report, SessionDirectory sessions)
    {
        // What has not arrived of a whole account that is asked for, or comes in parts, may be anybody's.
        _first ??= report.Sequence;
        var isAwaited = sessions.NeedsResync && report.Sequence - _first < Anew;
        var missing = isAwaited || sessions.IsComing ? Math.Max(0, report.Load.Sessions - sessions.Count) : 0;
        var believed = new Dictionary<string, IdentityUsage>(StringComparer.Ordinal);
        var others = 0;
        foreach (var claim in report.Identities)
        {
            // A coordinator that has no memory for an identity's sessions lets it use no more elsewhere than one that has.
            var notKept = Math.Min(sessions.NotKeptOf(claim.Identity), Math.Max(0, report.Load.Sessions - sessions.Count));
            var held = sessions.CountOf(claim.Identity) + Math.Max(missing, notKept);
            if (held == 0 && (!claim.Wants || ++others > MaxWithoutSession))
                continue;
            var known = _believed.GetValueOrDefault(claim.Identity);
            believed[claim.Identity] = claim with
            {
                Sessions = Math.Min(
                    Math.Min(claim.Sessions, held), Most(claim.Identity, known?.Sessions, static limit => limit.Sessions)),
                Tunnels = held == 0 ? 0 : Math.Min(
                    Math.Min(claim.Tunnels, report.Capacity.MaxTunnels),
                    Most(claim.Identity, known?.Tunnels, static limit => limit.Tunnels)),
                BytesPerSecond = held == 0 ? 0 : Math.Min(
                    claim.BytesPerSecond, Most(claim.Identity, known?.BytesPerSecond, static limit => limit.BytesPerSecond)),
            };
        }
        _believed = believed;
        return [.. believed.Values];
    }

    /// <summary>What the node was told that its identities may use.</summary>
    internal void Allow(IReadOnlyList<IdentityAllowance> limits, IdentityLimit? otherwise)
    {
        if (_last is { } last && ReferenceEquals(last.Limits, limits) && last.Otherwise == otherwise)
            return;
        (_before, _last) = (_last, new Allowed(limits, otherwise));
    }

    /// <summary>What an identity was allowed in a second; the most that there is for anything.</summary>
    internal long RateOf(string identity) => Most(identity, null, static limit => limit.BytesPerSecond);

    /// <summary>Another process speaks for the node: it was allowed nothing yet that is remembered.</summary>
    internal void Clear()
    {
        _believed.Clear();
        (_last, _before, _first) = (null, null, null);
    }

    // What it uses by what it was allowed earlier ends by itself. Where no limit was in force, all that it says may be.
    private long Most(string identity, long? believed, Func<IdentityLimit, long?> of)
    {
        if (_last?.Of(identity) is not { } last || of(last) is not { } now)
            return long.MaxValue;
        // The answer to the last report may have been lost, and what was told before the first is not known here.
        var before = _before?.Of(identity) is { } limit && of(limit) is { } then ? then : long.MaxValue;
        return Math.Max(Math.Max(now, before), believed ?? 0);
    }

    private sealed class Allowed(IReadOnlyList<IdentityAllowance> limits, IdentityLimit? otherwise)
    {
        private Dictionary<string, IdentityLimit>? _byIdentity;

        internal IReadOnlyList<IdentityAllowance> Limits => limits;

        internal IdentityLimit? Otherwise => otherwise;

        internal IdentityLimit? Of(string identity)
        {
            if (_byIdentity is null)
            {
                _byIdentity = new(StringComparer.Ordinal);
                foreach (var allowance in limits)
                    _byIdentity[allowance.Identity] = allowance.Limit;
            }
            return _byIdentity.GetValueOrDefault(identity, otherwise!);
        }
    }
}
