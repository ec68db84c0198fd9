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

    /// <summary>The same for another process, whose clock may be another than the one that wrote the times.</summary>
    /// <param name="now">The clock of whoever goes on from it.</param>
    /// <param name="timings">The fleet's times: no block is kept for less than a lease, or for longer than any is.</param>
    public PoolCatalogState CountedFrom(DateTimeOffset now, FleetTimings timings)
    {
        var (least, most) = (now + timings.LeaseTime, now + timings.LeaseTime + timings.Quarantine);
        return this with
        {
            Retired = [.. Retired.Select(block => block with
            {
                Until = block.Until < least ? least : block.Until > most ? most : block.Until,
            })],
        };
    }
}

/// <summary>A block that is kept from everybody though its pool is gone.</summary>
/// <param name="Prefix">The block.</param>
/// <param name="Until">Until when.</param>
public sealed record RetiredBlock(Prefix Prefix, DateTimeOffset Until);
