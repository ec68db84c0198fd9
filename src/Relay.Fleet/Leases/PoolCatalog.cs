namespace Relay.Fleet;

/// <summary>The pools that are defined: everything that has to outlive a <see cref="PoolCatalog"/>.</summary>
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

/// <summary>Which pools there are. No two overlap, and none lies wholly within a node's static prefix.</summary>
public sealed class PoolCatalog
{
    /// <summary>How many pools there may be.</summary>
    public const int MaxPools = 1024;

    /// <summary>Goes on from a state.</summary>
    public PoolCatalog(PoolCatalogState? state = null) => throw new NotImplementedException();

    /// <summary>The pools by name.</summary>
    public IReadOnlyList<PrefixPool> Pools => throw new NotImplementedException();

    /// <summary>A pool; null when there is none of that name.</summary>
    public PrefixPool? Find(string pool) => throw new NotImplementedException();

    /// <summary>
    /// Says what putting a definition would make: the definition with its version, which is the old one when nothing
    /// changes; or why it cannot be. Changes nothing, so that a caller can redefine the leases' side first.
    /// </summary>
    public FleetResult<PrefixPool> Check(
        PrefixPool pool, string? expectedVersion, IEnumerable<NodeInfo> nodes, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Puts what <see cref="Check"/> gave.</summary>
    public void Put(PrefixPool pool) => throw new NotImplementedException();

    /// <summary>Says whether a pool can be removed: not found, another version, live leases. Changes nothing.</summary>
    public FleetResult<PrefixPool> CheckDelete(string pool, string? expectedVersion, int liveLeases) => throw new NotImplementedException();

    /// <summary>Removes a pool.</summary>
    public void Delete(string pool) => throw new NotImplementedException();

    /// <summary>Keeps quarantined blocks from every pool, though theirs no longer has them.</summary>
    public void Retire(IEnumerable<PrefixLease> quarantined) => throw new NotImplementedException();

    /// <summary>What no pool may grant: the nodes' static prefixes, and what is retired and not yet free.</summary>
    public IReadOnlyList<Prefix> Excluded(IReadOnlyList<Prefix> staticPrefixes, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>What has to be stored.</summary>
    public PoolCatalogState ToState() => throw new NotImplementedException();
}
