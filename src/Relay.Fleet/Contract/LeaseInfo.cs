using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>Where a lease is in its life: pending → held → releasing → quarantined → free.</summary>
[JsonConverter(typeof(CamelCaseEnum<LeaseState>))]
public enum LeaseState
{
    /// <summary>Granted; the node has not yet said that it uses it.</summary>
    Pending,

    /// <summary>The node uses it.</summary>
    Held,

    /// <summary>To be given back: the node is told to stop, and has not yet said that it has.</summary>
    Releasing,

    /// <summary>Nobody's, and nobody can get it yet.</summary>
    Quarantined,
}

/// <summary>A block that is not free.</summary>
public sealed record LeaseInfo
{
    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>The block.</summary>
    public required Prefix Prefix { get; init; }

    /// <summary>The node that has it, or had it last.</summary>
    public required string Node { get; init; }

    /// <summary>Rises with each grant of this block.</summary>
    public required long Epoch { get; init; }

    /// <summary>
    /// Since when its node is known to have it, by the grantor's clock: of a grant that was found in a report, since then. Null where an
    /// older version granted it.
    /// </summary>
    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required LeaseState State { get; init; }

    /// <summary>When it, or its quarantine, runs out, by the grantor's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
