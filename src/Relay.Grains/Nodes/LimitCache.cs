using Relay.Fleet.Contract;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>
/// What the identities may use on one node. The rules are asked for when they have changed; shares when an identity
/// uses something else than when it was last asked for, when its limit is used up since, or a few reports ago, and never
/// more than a bounded number a report.
/// </summary>
internal sealed class LimitCache(NodeTracker tracker, IGrainFactory grains, GrainClock clock, FleetTimings timings)
{
    /// <summary>How many identities are asked for with one report.</summary>
    internal const int MaxQuestions = 64;

    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private LimitDecider _rules = new();
    // And since when it is known here.
    private Dictionary<string, long> _usedUp = [];
    private long _version = -1;
    private FleetFacts _facts = new();
    private Task _asking = Task.CompletedTask;

    /// <summary>Takes what every node is to know.</summary>
    internal void Learn(FleetFacts facts) => _facts = facts;

    /// <summary>What a user may use in a month, as far as the rules are known here; null for anything.</summary>
    internal long? QuotaOf(string user) => _rules.QuotaOf(user);

    /// <summary>
    /// Asks for what has to be asked for; completes with the answers. The shares of before hold until then.
    /// </summary>
    internal Task AskAsync()
    {
        if (_asking.IsCompleted)
            _asking = AskAllAsync();
        return _asking;
    }

    /// <summary>Nothing is used on the node any more.</summary>
    internal void Forget()
    {
        foreach (var (identity, share) in _shares)
        {
            if (_rules.LimitOf(identity) is { } limit)
                Client(identity).ReportAsync(new ClientReport(tracker.Node, null, limit, _facts.Nodes, IsGone: true)).Ignore();
        }
        _shares.Clear();
    }

    /// <summary>The shares that hold now, and what anybody may use who has none.</summary>
    internal (IReadOnlyList<IdentityAllowance> Limits, IdentityLimit? Default) Read()
    {
        if (_rules.Rules.Count == 0)
            return ([], null);
        var limits = new List<IdentityAllowance>();
        foreach (var (identity, share) in _shares)
            limits.Add(new IdentityAllowance(identity, share.Limit));
        foreach (var rule in _rules.Rules)
        {
            if (rule.Identity != LimitDecider.Anybody && !_shares.ContainsKey(rule.Identity))
                limits.Add(new IdentityAllowance(rule.Identity, IdentityShares.Opening(rule.Limit, _facts.Nodes)));
        }
        var anybody = _rules.LimitOf(LimitDecider.Anybody);
        return (limits, anybody is null ? null : IdentityShares.Opening(anybody, _facts.Nodes));
    }

    private async Task AskAllAsync()
    {
        try
        {
            if (_version != _facts.LimitsVersion)
            {
                var list = await grains.GetGrain<IStatsGrain>(GrainKeys.ShardOf(tracker.Node)).ListLimitsAsync(
                    new LimitsQuestion(_facts.LimitsVersion));
                (_rules, _version) = (new LimitDecider(new LimitBookState { Rules = list.Rules }), list.Version);
                var now = clock.Time.GetTimestamp();
                _usedUp = list.UsedUp.ToDictionary(
                    static identity => identity, identity => _usedUp.GetValueOrDefault(identity, now), StringComparer.Ordinal);
            }
            if (_rules.Rules.Count == 0)
            {
                _shares.Clear();
                return;
            }
            await Task.WhenAll(Due().Select(AskAsync).ToList());
        }
        catch (Exception)
        {
            // Whoever is away is asked again with the next report.
        }
    }

    private List<Question> Due()
    {
        var used = new Dictionary<string, IdentityUsage>(StringComparer.Ordinal);
        foreach (var usage in tracker.Usages)
            used[usage.Identity] = usage;
        var due = new List<Question>();
        foreach (var identity in used.Keys.Concat(_shares.Keys).Concat(_usedUp.Keys.Where(IsConcerned)).Distinct(StringComparer.Ordinal)
            .ToList())
        {
            var (usage, share) = (used.GetValueOrDefault(identity), _shares.GetValueOrDefault(identity));
            if (_rules.LimitOf(identity) is not { } limit)
                _shares.Remove(identity);
            else if (share is null || share.Usage != usage || share.Of != limit || share.Nodes != _facts.Nodes
                || IsTooMuch(identity, share) || clock.Time.GetElapsedTime(share.AskedAt) >= 5 * timings.ReportInterval)
                due.Add(new Question(identity, usage, limit));
        }
        if (due.Count <= MaxQuestions)
            return due;
        return [.. due.OrderByDescending(
                question => _shares.GetValueOrDefault(question.Identity) is { } share && IsTooMuch(question.Identity, share))
            .ThenByDescending(static question => question.Usage?.Wants == true)
            .ThenBy(question => _shares.GetValueOrDefault(question.Identity)?.AskedAt ?? 0).Take(MaxQuestions)];
    }

    private async Task AskAsync(Question question)
    {
        var askedAt = clock.Time.GetTimestamp();
        var (identity, usage, of) = question;
        var limit = await Client(identity).ReportAsync(new ClientReport(tracker.Node, usage, of, _facts.Nodes));
        // What is neither used here nor used up elsewhere has the opening share, as everything that is not named.
        if (usage is null && !(_usedUp.ContainsKey(identity) && IsConcerned(identity)) && limit == IdentityShares.Opening(of, _facts.Nodes))
            _shares.Remove(identity);
        else
            _shares[identity] = new Share(usage, of, _facts.Nodes, limit, askedAt);
    }

    // A share of before the limit was used up, with room in it that there is not. What is answered after that has none.
    private bool IsTooMuch(string identity, Share share) =>
        _usedUp.TryGetValue(identity, out var since) && share.AskedAt < since
        && (share.Limit.Sessions > (share.Usage?.Sessions ?? 0) || share.Limit.Tunnels > (share.Usage?.Tunnels ?? 0));

    // Of whom a node is told that it neither uses anything here nor may: those that have a rule, or a session here.
    private bool IsConcerned(string identity) => _rules.HasRule(identity) || tracker.Sessions.CountOf(identity) > 0;

    private IClientGrain Client(string identity) => grains.GetGrain<IClientGrain>(identity);

    private sealed record Question(string Identity, IdentityUsage? Usage, IdentityLimit Limit);

    private sealed record Share(IdentityUsage? Usage, IdentityLimit Of, int Nodes, IdentityLimit Limit, long AskedAt);
}
