using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>Which blocks of a pool are not free, and where the next free one is. Free blocks take no memory.</summary>
internal sealed class BlockTable
{
    private readonly SortedDictionary<long, PrefixLease> leases = [];
    private readonly Dictionary<string, SortedSet<long>> byNode = new(StringComparer.Ordinal);
    private readonly PrefixPool pool;
    private List<(long First, long Last)> excluded = [];
    private long excludedBlocks;
    private long usedWithinExcluded;

    /// <summary>A table in which every block is free.</summary>
    public BlockTable(PrefixPool pool) => this.pool = pool;

    /// <summary>All blocks.</summary>
    public long Count => 1L << (pool.BlockLength - pool.Prefix.Length);

    /// <summary>Blocks that can be granted.</summary>
    public long Free => Count - leases.Count - Excluded;

    /// <summary>Blocks that nobody has and nobody can get.</summary>
    public long Excluded => excludedBlocks - usedWithinExcluded;

    /// <summary>The blocks that are not free, in order of address.</summary>
    public IEnumerable<PrefixLease> Leases => leases.Values;

    /// <summary>Whether a prefix is one of the blocks.</summary>
    public bool Has(Prefix block) => block.Length == pool.BlockLength && pool.Prefix.Contains(block);

    /// <summary>A block that is not free; null when it is, or is no block.</summary>
    public PrefixLease? Find(Prefix block) => Has(block) ? leases.GetValueOrDefault(IndexOf(block)) : null;

    /// <summary>What a node has, or had last.</summary>
    public PrefixLease[] Of(string node) =>
        byNode.TryGetValue(node, out var blocks) ? [.. blocks.Select(block => leases[block])] : [];

    /// <summary>Puts a lease in the place of what there was.</summary>
    public void Put(PrefixLease lease)
    {
        Remove(lease.Prefix);
        var index = IndexOf(lease.Prefix);
        leases.Add(index, lease);
        if (!byNode.TryGetValue(lease.Node, out var blocks))
            byNode.Add(lease.Node, blocks = []);
        blocks.Add(index);
        if (ExclusionOf(index) is not null)
            usedWithinExcluded++;
    }

    /// <summary>Makes a block free.</summary>
    public void Remove(Prefix block)
    {
        var index = IndexOf(block);
        if (!leases.Remove(index, out var lease))
            return;
        var blocks = byNode[lease.Node];
        blocks.Remove(index);
        if (blocks.Count == 0)
            byNode.Remove(lease.Node);
        if (ExclusionOf(index) is not null)
            usedWithinExcluded--;
    }

    /// <summary>Says which addresses are never granted.</summary>
    public void Exclude(IEnumerable<Prefix> prefixes)
    {
        excluded = [];
        foreach (var (first, last) in prefixes
            .Select(prefix => pool.Prefix.BlocksWithin(prefix, pool.BlockLength)).OfType<(long First, long Last)>()
            .Order())
        {
            if (excluded.Count > 0 && excluded[^1].Last + 1 >= first)
                excluded[^1] = (excluded[^1].First, Math.Max(excluded[^1].Last, last));
            else
                excluded.Add((first, last));
        }
        excludedBlocks = excluded.Sum(range => range.Last - range.First + 1);
        usedWithinExcluded = leases.Keys.LongCount(index => ExclusionOf(index) is not null);
    }

    /// <summary>The first free block from a number on, and then from the beginning; null when none is free.</summary>
    public long? FindFree(long from)
    {
        if (Free <= 0)
            return null;
        from = from >= 0 && from < Count ? from : 0;
        return FindFree(from, Count) ?? FindFree(0, from);
    }

    private long? FindFree(long from, long end)
    {
        for (var index = from; index < end;)
        {
            if (ExclusionOf(index) is { } range)
                index = range.Last + 1;
            else if (leases.ContainsKey(index))
                index++;
            else
                return index;
        }
        return null;
    }

    private (long First, long Last)? ExclusionOf(long index)
    {
        var (low, high) = (0, excluded.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var range = excluded[middle];
            if (index < range.First)
                high = middle - 1;
            else if (index > range.Last)
                low = middle + 1;
            else
                return range;
        }
        return null;
    }

    private long IndexOf(Prefix block) => pool.Prefix.BlocksWithin(block, pool.BlockLength)!.Value.First;
}
