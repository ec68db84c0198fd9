namespace Relay.Fleet;

/// <summary>The limits that are defined: everything that has to outlive a <see cref="LimitBook"/>.</summary>
public sealed record LimitBookState
{
    /// <summary>The rules.</summary>
    public IReadOnlyList<LimitRule> Rules { get; init; } = [];

    /// <summary>The last version given out.</summary>
    public long Version { get; init; }
}

/// <summary>The rules of the fleet-wide limits by identity.</summary>
public sealed class LimitBook
{
    /// <summary>The identity that stands for each that has no rule of its own.</summary>
    public const string Anybody = "*";

    /// <summary>How many rules there may be.</summary>
    public const int MaxRules = 1024;

    /// <summary>Goes on from a state.</summary>
    public LimitBook(LimitBookState? state = null) => throw new NotImplementedException();

    /// <summary>The rules by identity.</summary>
    public IReadOnlyList<LimitRule> Rules => throw new NotImplementedException();

    /// <summary>The limit of an identity: its own rule's, or everybody's; null when there is none.</summary>
    public IdentityLimit? LimitOf(string identity) => throw new NotImplementedException();

    /// <summary>Sets a rule.</summary>
    public FleetResult<LimitRule> Put(LimitRule rule, string? expectedVersion, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Removes a rule.</summary>
    public FleetResult<LimitRule> Delete(string identity, string? expectedVersion) => throw new NotImplementedException();

    /// <summary>What has to be stored.</summary>
    public LimitBookState ToState() => throw new NotImplementedException();
}
