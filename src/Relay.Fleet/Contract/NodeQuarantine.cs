namespace Relay.Fleet.Contract;

/// <summary>
/// A node whose word an operator does not take: its reports are refused, its leases run out, and it is in no sum and no list of
/// sessions.
/// </summary>
public sealed record NodeQuarantine
{
    /// <summary>Its name.</summary>
    public required string Node { get; init; }

    /// <summary>Since when, by the coordinator's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Which quarantine it is; another one where it was lifted and is there again.</summary>
    public string Version { get; init; } = "";
}
