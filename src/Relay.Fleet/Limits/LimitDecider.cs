using Relay.Fleet.Contract;

namespace Relay.Fleet.Limits;

/// <summary>The limits that are defined: everything that has to outlive a <see cref="LimitDecider"/>.</summary>
public sealed record LimitBookState
{
    /// <summary>The rules.</summary>
    public IReadOnlyList<LimitRule> Rules { get; init; } = [];

    /// <summary>The last version given out.</summary>
    public long Version { get; init; }
}

/// <summary>The rules of the fleet-wide limits by identity.</summary>
public sealed class LimitDecider
{
    private static readonly string[] Kinds = ["certificate:", "cert:", "credential:", "jwt:"];

    private readonly SortedDictionary<string, LimitRule> _rules = new(StringComparer.Ordinal);
    private LimitRule[]? _list;
    private long _version;

    /// <summary>The identity that stands for each that has no rule of its own.</summary>
    public const string Anybody = "*";

    private const string OfUser = "user:";

    /// <summary>How many rules there may be.</summary>
    public const int MaxRules = 1024;

    /// <summary>Goes on from a state.</summary>
    public LimitDecider(LimitBookState? state = null)
    {
        foreach (var rule in state?.Rules ?? [])
            _rules.Add(rule.Identity, rule);
        _version = state?.Version ?? 0;
    }

    /// <summary>The rules by identity.</summary>
    public IReadOnlyList<LimitRule> Rules => _list ??= [.. _rules.Values];

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>Whether an identity has a rule of its own.</summary>
    public bool HasRule(string identity) => _rules.ContainsKey(identity);

    /// <summary>The limit of an identity: its own rule's, or everybody's; null when there is none.</summary>
    public IdentityLimit? LimitOf(string identity) =>
        (_rules.GetValueOrDefault(identity) ?? _rules.GetValueOrDefault(Anybody))?.Limit;

    /// <summary>What a user of the fleet may use in a month; null for anything.</summary>
    public long? QuotaOf(string user) => LimitOf(OfUser + user)?.BytesPerMonth;

    /// <summary>Sets a rule.</summary>
    /// <param name="rule">The rule; its version is not looked at.</param>
    /// <param name="expectedVersion">
    /// The version that it must have; empty when it must not be there; null for either.
    /// </param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<LimitRule> Put(LimitRule rule, string? expectedVersion, DateTimeOffset now)
    {
        if (FaultOf(rule) is var (field, detail))
            return FleetResult.Invalid<LimitRule>(field, detail);
        var old = _rules.GetValueOrDefault(rule.Identity);
        if (!Versions.Fits(expectedVersion, old?.Version))
            return FleetResult.PreconditionFailed<LimitRule>(
                $"the limit of {rule.Identity} has been changed since its version was read");
        if (old?.Limit == rule.Limit)
            return FleetResult.Ok(old);
        if (old is null && _rules.Count >= MaxRules)
            return FleetResult.Conflict<LimitRule>($"there are {MaxRules} limits already");
        _version = Versions.Next(_version, now);
        Changed();
        return FleetResult.Ok(_rules[rule.Identity] = rule with { Version = Versions.ToText(_version) });
    }

    /// <summary>Removes a rule.</summary>
    public FleetResult<LimitRule> Delete(string identity, string? expectedVersion)
    {
        if (!_rules.TryGetValue(identity, out var old))
            return FleetResult.NotFound<LimitRule>($"there is no limit of {identity}");
        if (!Versions.Fits(expectedVersion, old.Version))
            return FleetResult.PreconditionFailed<LimitRule>(
                $"the limit of {identity} has been changed since its version was read");
        _rules.Remove(identity);
        Changed();
        return FleetResult.Ok(old);
    }

    /// <summary>What keeps a rule from being one; null for nothing.</summary>
    /// <param name="rule">The rule.</param>
    /// <returns>The field, as JSON names it, and a sentence.</returns>
    public static (string Field, string Detail)? FaultOf(LimitRule rule) =>
        !IsIdentity(rule.Identity)
            ? ("identity", "an identity is user:…, certificate:…, cert:…, credential:…, jwt:…, anonymous, or * for each that has no rule of its own")
        : FaultOf(rule.Limit) is { } field ? (field, "a limit is a number from 0 on, or absent for none")
        : rule.Limit.BytesPerMonth is not null && rule.Identity != Anybody && !rule.Identity.StartsWith(OfUser, StringComparison.Ordinal)
            ? ("limit.bytesPerMonth", "it is of users of the fleet, user:… or *: of nobody else it is counted what is used in a month")
        : null;

    /// <summary>What has to be stored.</summary>
    public LimitBookState ToState() => new() { Rules = Rules, Version = _version };

    private void Changed()
    {
        _list = null;
        Revision++;
    }

    /// <summary>Whether a text can name an identity, or is <c>*</c>.</summary>
    public static bool IsIdentity(string identity) =>
        identity is Anybody or "anonymous"
        || (identity.StartsWith(OfUser, StringComparison.Ordinal) && Names.IsUser(identity[OfUser.Length..]))
        || (Names.IsIdentity(identity)
            && Array.Exists(Kinds, kind => identity.Length > kind.Length && identity.StartsWith(kind, StringComparison.Ordinal)));

    private static string? FaultOf(IdentityLimit limit) =>
        limit.Sessions < 0 ? "limit.sessions"
        : limit.Tunnels < 0 ? "limit.tunnels"
        : limit.BytesPerSecond < 0 ? "limit.bytesPerSecond"
        : limit.BytesPerMonth < 0 ? "limit.bytesPerMonth"
        : null;
}
