using Relay.Fleet.Contract;
using Relay.Fleet.Leases;
using Relay.Grains.State;

namespace Relay.Grains.Pools;

/// <summary>What is stored of a pool.</summary>
internal sealed record PoolRecord : StoredRecord
{
    /// <summary>Its definition and its leases; null when there is no such pool.</summary>
    public PrefixPoolState? State { get; init; }

    /// <summary>
    /// Whether the catalog is known to have this definition. Before that nothing is granted: another pool could be
    /// defined that overlaps it.
    /// </summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Which state of the catalog confirmed it; null before one did that said so.</summary>
    public string? Generation { get; init; }

    /// <summary>What is never granted, as it was last told.</summary>
    public IReadOnlyList<Prefix> Excluded { get; init; } = [];
}
