using Relay.Fleet.Contract;

namespace Relay.Fleet.Limits;

/// <summary>A node's shares of all limits.</summary>
/// <param name="Allowances">By identity.</param>
/// <param name="Default">What any other identity may use there; null for no limit.</param>
public sealed record NodeAllowances(IReadOnlyList<IdentityAllowance> Allowances, IdentityLimit? Default);

/// <summary>
/// All identities' shares of their limits, by the rules of a <see cref="LimitDecider"/>. Not stored: the nodes' next
/// reports tell all of it.
/// </summary>
public sealed class LimitTable
{
    private readonly Dictionary<string, IdentityShares> _shares = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _usedBy = new(StringComparer.Ordinal);
    // A node that does not know that an identity has used up its limit would give it the opening share: those are told that
    // have a session of it, and all of whom has a rule of its own.
    private readonly HashSet<string> _usedUp = new(StringComparer.Ordinal);
    private readonly FleetTimings _timings;

    /// <summary>The most identities that a directive names.</summary>
    public const int MaxAllowances = 2 * LimitDecider.MaxRules;

    /// <summary>A table in which nothing is used.</summary>
    public LimitTable(FleetTimings timings) => _timings = timings;

    /// <summary>Takes what a node's identities use, and gives its shares.</summary>
    /// <param name="node">The node.</param>
    /// <param name="usages">What is believed of its report.</param>
    /// <param name="hasSessions">Whether the node has a session of an identity.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="nodes">How many nodes are heard of, this one included.</param>
    /// <param name="now">The coordinator's clock.</param>
    public NodeAllowances Report(
        string node, IReadOnlyList<IdentityUsage> usages, Func<string, bool> hasSessions, LimitDecider rules, int nodes,
        DateTimeOffset now)
    {
        var everybody = rules.LimitOf(LimitDecider.Anybody);
        var opening = everybody is null ? null : IdentityShares.Opening(everybody, nodes);
        var used = _usedBy.GetValueOrDefault(node);
        if (usages.Count == 0 && used is null && rules.Rules.Count == 0)
            return new NodeAllowances([], null);

        var byIdentity = new Dictionary<string, IdentityUsage>(StringComparer.Ordinal);
        foreach (var usage in usages)
            byIdentity[usage.Identity] = usage;
        var named = rules.Rules.Select(rule => rule.Identity).Where(identity => identity != LimitDecider.Anybody)
            .Concat(byIdentity.Keys).Concat(used ?? []).Concat(_usedUp.Where(hasSessions)).Distinct(StringComparer.Ordinal).ToArray();
        List<IdentityAllowance> allowances = [];
        foreach (var identity in named.Take(MaxAllowances))
        {
            if (rules.LimitOf(identity) is { } limit)
                allowances.Add(new IdentityAllowance(
                    identity, Share(node, byIdentity.GetValueOrDefault(identity), identity, limit, nodes, now)));
            else
                Forget(node, identity);
        }
        return new NodeAllowances(allowances, opening);
    }

    /// <summary>A node is silent or gone.</summary>
    public void Forget(string node)
    {
        foreach (var identity in _usedBy.GetValueOrDefault(node)?.ToArray() ?? [])
            Forget(node, identity);
    }

    private IdentityLimit Share(
        string node, IdentityUsage? usage, string identity, IdentityLimit limit, int nodes, DateTimeOffset now)
    {
        if (!_shares.TryGetValue(identity, out var share))
        {
            if (usage is null)
                return IdentityShares.Opening(limit, nodes);
            _shares.Add(identity, share = new IdentityShares(identity, _timings));
        }
        var given = share.Report(node, usage, limit, nodes, now);
        if (!share.IsUsedUp(limit))
            _usedUp.Remove(identity);
        else if (_usedUp.Count < MaxAllowances)
            _usedUp.Add(identity);
        if (share.IsIdle)
            Forget(node, identity);
        else if (usage is not null)
            (_usedBy.TryGetValue(node, out var used) ? used : _usedBy[node] = new(StringComparer.Ordinal)).Add(identity);
        return given;
    }

    private void Forget(string node, string identity)
    {
        if (_shares.TryGetValue(identity, out var share))
        {
            share.Forget(node);
            if (share.IsIdle)
            {
                _shares.Remove(identity);
                _usedUp.Remove(identity);
            }
        }
        if (_usedBy.TryGetValue(node, out var used) && used.Remove(identity) && used.Count == 0)
            _usedBy.Remove(node);
    }
}
