namespace Relay.Fleet.Contract;

/// <summary>What a user has used, by calendar month (UTC).</summary>
public sealed record UserUsage
{
    /// <summary>The user's name.</summary>
    public required string Name { get; init; }

    /// <summary>When a session of the user last began or carried something, to the second; null where that is not known.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>The limit of the user's bytes in a month, both ways together; null for none.</summary>
    public long? BytesPerMonth { get; init; }

    /// <summary>The months in which there was anything, newest first; at most 12.</summary>
    public IReadOnlyList<UserMonth> Months { get; init; } = [];
}

/// <summary>What a user used in a month.</summary>
/// <param name="Month">The month in UTC, as in <c>2026-11</c>.</param>
/// <param name="BytesUp">Payload toward targets.</param>
/// <param name="BytesDown">Payload toward clients.</param>
/// <param name="Tunnels">Tunnels that were let through.</param>
public sealed record UserMonth(string Month, long BytesUp, long BytesDown, long Tunnels);
