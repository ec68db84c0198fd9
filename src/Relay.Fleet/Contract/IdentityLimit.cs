namespace Relay.Fleet.Contract;

/// <summary>What one identity may use; null means no limit.</summary>
public sealed record IdentityLimit
{
    /// <summary>Sessions at a time.</summary>
    public long? Sessions { get; init; }

    /// <summary>Tunnels at a time.</summary>
    public long? Tunnels { get; init; }

    /// <summary>Bytes a second, both ways together.</summary>
    public long? BytesPerSecond { get; init; }
}

/// <summary>A fleet-wide limit as an operator defines it.</summary>
public sealed record LimitRule
{
    /// <summary>
    /// The identity it is for, <c>certificate:…</c>, <c>credential:…</c> or <c>anonymous</c>; <c>*</c> for each that
    /// has none of its own.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>What it may use in the whole fleet.</summary>
    public required IdentityLimit Limit { get; init; }

    /// <summary>Changes with every change of the rule.</summary>
    public string Version { get; init; } = "";
}

/// <summary>What an identity may use on one node: its share of the fleet's limit at this moment.</summary>
/// <param name="Identity">Whose.</param>
/// <param name="Limit">How much.</param>
public sealed record IdentityAllowance(string Identity, IdentityLimit Limit);

/// <summary>What an identity uses on one node.</summary>
/// <param name="Identity">Whose.</param>
/// <param name="Sessions">Sessions now.</param>
/// <param name="Tunnels">Tunnels now.</param>
/// <param name="BytesPerSecond">Bytes a second since the last report, both ways together.</param>
/// <param name="Wants">It was refused something, or slowed down, since the last report: its share is too small.</param>
public sealed record IdentityUsage(
    string Identity, long Sessions, long Tunnels, long BytesPerSecond, bool Wants = false);
