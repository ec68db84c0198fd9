using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>The pools that are defined: everything that has to outlive a <see cref="CatalogDecider"/>.</summary>
public sealed record PoolCatalogState
{
    /// <summary>The definitions.</summary>
    public IReadOnlyList<PrefixPool> Pools { get; init; } = [];

    /// <summary>Blocks that are still quarantined, of pools that no longer have them.</summary>
    public IReadOnlyList<RetiredBlock> Retired { get; init; } = [];

    /// <summary>The last version given out.</summary>
    public long Version { get; init; }
}

/// <summary>A block that is kept from everybody though its pool is gone.</summary>
/// <param name="Prefix">The block.</param>
/// <param name="Until">Until when.</param>
public sealed record RetiredBlock(Prefix Prefix, DateTimeOffset Until);
