using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>Which pools there are. No two overlap; what an operator defines counts before what nodes say is theirs.</summary>
public sealed class CatalogDecider
{
    private readonly SortedDictionary<string, PrefixPool> _pools = new(StringComparer.Ordinal);
    private readonly List<RetiredBlock> _retired;
    private long _version;

    /// <summary>How many pools there may be.</summary>
    public const int MaxPools = 1024;

    /// <summary>Goes on from a state.</summary>
    public CatalogDecider(PoolCatalogState? state = null)
    {
        foreach (var pool in state?.Pools ?? [])
            _pools.Add(pool.Name, pool);
        // An older version may have written one twice.
        _retired = [.. (state?.Retired ?? []).GroupBy(static block => block.Prefix)
            .Select(static blocks => blocks.MaxBy(static block => block.Until)!)];
        _version = state?.Version ?? 0;
    }

    /// <summary>The pools by name.</summary>
    public IReadOnlyList<PrefixPool> Pools => [.. _pools.Values];

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>A pool; null when there is none of that name.</summary>
    public PrefixPool? Find(string pool) => _pools.GetValueOrDefault(pool);

    /// <summary>
    /// Says what putting a definition would make: the definition with its version, which is the old one when nothing
    /// changes; or why it cannot be. Changes nothing, so that a caller can ask the leases' side first.
    /// </summary>
    /// <param name="pool">The definition; its version is not looked at.</param>
    /// <param name="expectedVersion">As <see cref="IFleet.PutPoolAsync"/> has it.</param>
    /// <param name="found">The leases of <see cref="Found"/>.</param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<PrefixPool> Check(
        PrefixPool pool, string? expectedVersion, IEnumerable<LeaseInfo> found, DateTimeOffset now)
    {
        if (FaultOf(pool) is var (field, detail))
            return FleetResult.Invalid<PrefixPool>(field, detail);
        var old = Find(pool.Name);
        if (!Versions.Fits(expectedVersion, old?.Version))
            return FleetResult.PreconditionFailed<PrefixPool>(
                $"pool {pool.Name} has been changed since its version was read");
        if (old is not null && old with { Version = "" } == pool with { Version = "" })
            return FleetResult.Ok(old);
        if (old is null && _pools.Count >= MaxPools)
            return FleetResult.Conflict<PrefixPool>($"there are {MaxPools} pools already");
        if (_pools.Values.FirstOrDefault(other => other.Name != pool.Name
            && other.Prefix.Overlaps(pool.Prefix)) is { } overlap)
            return FleetResult.Conflict<PrefixPool>(
                $"{pool.Prefix} overlaps pool {overlap.Name}, which has {overlap.Prefix}");
        if (found.FirstOrDefault(lease => lease.Pool != pool.Name && lease.Prefix.Overlaps(pool.Prefix)) is { } foreign)
            return FleetResult.Conflict<PrefixPool>(
                $"{foreign.Node} holds {foreign.Prefix} of pool {foreign.Pool}, which is not defined with it here: define that, or "
                + "drain the node");
        return FleetResult.Ok(pool with { Version = Versions.ToText(Versions.Next(_version, now)) });
    }

    /// <summary>Puts what <see cref="Check"/> gave.</summary>
    public void Put(PrefixPool pool)
    {
        if (Find(pool.Name) == pool)
            return;
        _pools[pool.Name] = pool;
        _version = Math.Max(_version, long.Parse(pool.Version, System.Globalization.NumberStyles.HexNumber, null));
        Revision++;
    }

    /// <summary>Says whether a pool can be removed: not found, another version, live leases. Changes nothing.</summary>
    public FleetResult<PrefixPool> CheckDelete(string pool, string? expectedVersion, int liveLeases)
    {
        if (Find(pool) is not { } old)
            return FleetResult.NotFound<PrefixPool>($"there is no pool {pool}");
        if (!Versions.Fits(expectedVersion, old.Version))
            return FleetResult.PreconditionFailed<PrefixPool>(
                $"pool {pool} has been changed since its version was read");
        return liveLeases > 0
            ? FleetResult.Conflict<PrefixPool>($"pool {pool} has live leases: {liveLeases}")
            : FleetResult.Ok(old);
    }

    /// <summary>Removes a pool.</summary>
    public void Delete(string pool)
    {
        if (_pools.Remove(pool))
            Revision++;
    }

    /// <summary>Keeps quarantined blocks from every pool, though theirs no longer has them.</summary>
    public void Retire(IEnumerable<PrefixLease> quarantined) =>
        Retire(quarantined.Select(static lease => new RetiredBlock(lease.Prefix, lease.ExpiresAt)));

    /// <summary>Keeps blocks from every pool.</summary>
    public void Retire(IEnumerable<RetiredBlock> blocks)
    {
        var count = 0;
        var until = _retired.ToDictionary(static block => block.Prefix, static block => block.Until);
        foreach (var block in blocks)
        {
            // Known is one of a pool that was removed, and defined again, and removed.
            if (until.TryGetValue(block.Prefix, out var known) && known >= block.Until)
                continue;
            until[block.Prefix] = block.Until;
            count++;
        }
        if (count == 0)
            return;
        _retired.Clear();
        _retired.AddRange(until.Select(static block => new RetiredBlock(block.Key, block.Value)));
        Revision++;
    }

    /// <summary>The clock was set, by so much: what it wrote down moves with it.</summary>
    public void OnClockStep(TimeSpan by)
    {
        for (var i = 0; i < _retired.Count; i++)
            _retired[i] = _retired[i] with { Until = _retired[i].Until + by };
        if (_retired.Count > 0)
            Revision++;
    }

    /// <summary>
    /// The leases among some that no definition here has: of pools that are not defined, or were larger before what was stored
    /// of them was lost.
    /// </summary>
    public IEnumerable<LeaseInfo> Found(IEnumerable<LeaseInfo> leases) => leases.Where(lease =>
        lease.State != LeaseState.Quarantined
        && !(Find(lease.Pool) is { } pool && pool.Prefix.Contains(lease.Prefix) && pool.BlockLength == lease.Prefix.Length));

    /// <summary>
    /// What no pool may grant: the nodes' static prefixes as far as each is within one block, what is retired and not yet free,
    /// and what is held of pools that are not defined here. All of it that rests on the word of one node, or of who names many, is no
    /// more of any pool than a node may have by leases, and no more than half of one below 16 blocks: what is beyond takes nothing
    /// from anybody.
    /// </summary>
    /// <param name="staticPrefixes">Those of each node, with whose word they are.</param>
    /// <param name="found">What is held, as nodes say.</param>
    /// <param name="ownerOf">Whose word that of a node is.</param>
    /// <param name="now">The coordinator's clock.</param>
    public Exclusions Excluded(
        IEnumerable<(string Owner, Prefix Prefix)> staticPrefixes, IEnumerable<LeaseInfo> found, Func<string, string> ownerOf, DateTimeOffset now)
    {
        if (_retired.RemoveAll(block => block.Until <= now) > 0)
            Revision++;
        var taken = new Dictionary<(string Owner, string Pool), long>();
        var kept = found.ToLookup(lease => IsTaken(taken, ownerOf(lease.Node), lease.Prefix, isWithinABlock: false));
        return new Exclusions(
            [.. kept[true].Select(static lease => lease.Prefix)
                .Concat(staticPrefixes.Where(one => IsTaken(taken, one.Owner, one.Prefix, isWithinABlock: true)).Select(static one => one.Prefix))
                .Concat(_retired.Select(static block => block.Prefix))
                .Distinct().Order()],
            // What a pool itself has that is defined otherwise here, it knows better.
            [.. kept[false].Where(lease => _pools.Values.Any(pool => pool.Name != lease.Pool && pool.Prefix.Overlaps(lease.Prefix)))]);
    }

    // It is kept from every pool that it is in: each has to have room for it, or it is kept from none.
    private bool IsTaken(Dictionary<(string Owner, string Pool), long> taken, string owner, Prefix prefix, bool isWithinABlock)
    {
        List<(PrefixPool Pool, long Blocks)> charges = [];
        foreach (var pool in _pools.Values)
        {
            if (pool.Prefix.BlocksWithin(prefix, pool.BlockLength) is not var (first, last))
                continue;
            var blocks = taken.GetValueOrDefault((owner, pool.Name)) + (last - first + 1);
            if ((isWithinABlock && prefix.Length < pool.BlockLength) || blocks > MostExcluded(1L << (pool.BlockLength - pool.Prefix.Length)))
                return false;
            charges.Add((pool, blocks));
        }
        foreach (var (pool, blocks) in charges)
            taken[(owner, pool.Name)] = blocks;
        return charges.Count > 0;
    }

    // Of the smallest pools a node may lease all, and keep half from others by its word alone.
    private static long MostExcluded(long blocks) => blocks < 16 ? Math.Max(1, blocks / 2) : PrefixAllocator.MostOfOne(blocks);

    /// <summary>What has to be stored.</summary>
    public PoolCatalogState ToState() => new() { Pools = Pools, Retired = [.. _retired], Version = _version };

    /// <summary>What keeps a definition from being one; null for nothing.</summary>
    /// <param name="pool">The definition.</param>
    /// <returns>The field, as JSON names it, and a sentence.</returns>
    public static (string Field, string Detail)? FaultOf(PrefixPool pool)
    {
        if (!Names.IsPool(pool.Name))
            return ("name", "a pool's name is " + Names.PoolRule);
        var prefix = pool.Prefix;
        if (prefix.Length == 0)
            return ("prefix", "an address prefix longer than /0 is wanted");
        if (pool.BlockLength < prefix.Length)
            return ("blockLength", $"a block of /{pool.BlockLength} is larger than {prefix}");
        if (pool.BlockLength - prefix.Length > PrefixPool.MaxBlockBits)
            return ("blockLength",
                $"blocks of /{pool.BlockLength} are more than 2^{PrefixPool.MaxBlockBits} within {prefix}");
        var longest = prefix.IsIPv4 ? 30 : 124;
        return pool.BlockLength > longest
            ? ("blockLength", $"a block is at most /{longest} long")
            : null;
    }
}

/// <summary>What no pool may grant.</summary>
/// <param name="Prefixes">It, in order of address.</param>
/// <param name="Beyond">
/// What is held of pools that are not defined, and granted by one that is all the same: whoever says so is to give it back.
/// </param>
public sealed record Exclusions(IReadOnlyList<Prefix> Prefixes, IReadOnlyList<LeaseInfo> Beyond)
{
    /// <summary>Some of what is to be given back, as many of each owner as of any other: who holds most keeps nobody's from its turn.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="ownerOf">Whose word that of a node is; null for one that cannot be told now.</param>
    public IEnumerable<LeaseInfo> TakeBack(int most, Func<string, string?> ownerOf) => Beyond
        .Where(static lease => lease.State != LeaseState.Releasing)
        .Select(lease => (Lease: lease, Owner: ownerOf(lease.Node))).Where(static one => one.Owner is not null)
        .GroupBy(static one => one.Owner, static one => one.Lease, StringComparer.Ordinal).SelectMany(static own => own.Index())
        .OrderBy(static turn => turn.Index).Take(most).Select(static turn => turn.Item);
}
