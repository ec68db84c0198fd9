namespace Relay.Fleet.Contract;

/// <summary>What one identity may use; null means no limit.</summary>
public sealed record IdentityLimit : IRequestBody
{
    // What a double holds exactly, since scripts in browsers have no other.
    private const long Highest = 9_007_199_254_740_991;

    /// <summary>Sessions at a time.</summary>
    public long? Sessions { get; init; }

    /// <summary>Tunnels at a time.</summary>
    public long? Tunnels { get; init; }

    /// <summary>Bytes a second, both ways together.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>
    /// Bytes in a calendar month (UTC), both ways together; of <c>user:…</c>, and of <c>*</c> for each user of the fleet that has no
    /// limit of its own.
    /// </summary>
    public long? BytesPerMonth { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        foreach (var (field, number) in
            new[] { ("sessions", Sessions), ("tunnels", Tunnels), ("bytesPerSecond", BytesPerSecond), ("bytesPerMonth", BytesPerMonth) })
        {
            if (number is < 0 or > Highest)
                yield return (field, $"not 0 to {Highest}");
        }
        if (Sessions is null && Tunnels is null && BytesPerSecond is null && BytesPerMonth is null)
            yield return ("", "limits nothing; to lift a limit, delete it");
    }
}

/// <summary>A fleet-wide limit as an operator defines it.</summary>
public sealed record LimitRule
{
    /// <summary>
    /// The identity it is for, <c>user:…</c>, <c>certificate:…</c>, <c>cert:…</c>, <c>credential:…</c>, <c>jwt:…</c> or
    /// <c>anonymous</c>; <c>*</c> for each that has none of its own.
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
