using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>Which blocks of a pool are not free, and where the next free one is. Free blocks take no memory.</summary>
internal sealed class BlockTable
{
    private readonly SortedDictionary<long, PrefixLease> _leases = [];
    private readonly Dictionary<string, SortedSet<long>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _byToken = new(StringComparer.Ordinal);
    private readonly Dictionary<ReportSender, long> _bySender = [];
    private readonly PrefixPool _pool;
    private List<(long First, long Last)> _excluded = [];
    private long _excludedBlocks;
    private long _usedWithinExcluded;

    /// <summary>A table in which every block is free.</summary>
    public BlockTable(PrefixPool pool) => _pool = pool;

    /// <summary>All blocks.</summary>
    public long Count => 1L << (_pool.BlockLength - _pool.Prefix.Length);

    /// <summary>Blocks that can be granted.</summary>
    public long Free => Count - _leases.Count - Excluded;

    /// <summary>Blocks that nobody has and nobody can get.</summary>
    public long Excluded => _excludedBlocks - _usedWithinExcluded;

    /// <summary>The blocks that are not free, in order of address.</summary>
    public IEnumerable<PrefixLease> Leases => _leases.Values;

    /// <summary>Whether a prefix is one of the blocks.</summary>
    public bool Has(Prefix block) => block.Length == _pool.BlockLength && _pool.Prefix.Contains(block);

    /// <summary>A block that is not free; null when it is, or is no block.</summary>
    public PrefixLease? Find(Prefix block) => Has(block) ? _leases.GetValueOrDefault(IndexOf(block)) : null;

    /// <summary>What a node has, or had last.</summary>
    public PrefixLease[] Of(string node) =>
        _byNode.TryGetValue(node, out var blocks) ? [.. blocks.Select(block => _leases[block])] : [];

    /// <summary>How many blocks all names of a token have, or had last.</summary>
    public long CountOfToken(string token) => _byToken.GetValueOrDefault(token);

    /// <summary>How many blocks the names that a token has at one source have, or had last.</summary>
    public long CountOf(ReportSender sender) => _bySender.GetValueOrDefault(sender);

    /// <summary>Puts a lease in the place of what there was.</summary>
    public void Put(PrefixLease lease)
    {
        Remove(lease.Prefix);
        var index = IndexOf(lease.Prefix);
        _leases.Add(index, lease);
        if (!_byNode.TryGetValue(lease.Node, out var blocks))
            _byNode.Add(lease.Node, blocks = []);
        blocks.Add(index);
        Charge(lease.Sender, 1);
        if (ExclusionOf(index) is not null)
            _usedWithinExcluded++;
    }

    /// <summary>Makes a block free.</summary>
    public void Remove(Prefix block)
    {
        var index = IndexOf(block);
        if (!_leases.Remove(index, out var lease))
            return;
        var blocks = _byNode[lease.Node];
        blocks.Remove(index);
        if (blocks.Count == 0)
            _byNode.Remove(lease.Node);
        Charge(lease.Sender, -1);
        if (ExclusionOf(index) is not null)
            _usedWithinExcluded--;
    }

    /// <summary>Says which addresses are never granted.</summary>
    public void Exclude(IEnumerable<Prefix> prefixes)
    {
        _excluded = [];
        foreach (var (first, last) in prefixes
            .Select(prefix => _pool.Prefix.BlocksWithin(prefix, _pool.BlockLength)).OfType<(long First, long Last)>()
            .Order())
        {
            if (_excluded.Count > 0 && _excluded[^1].Last + 1 >= first)
                _excluded[^1] = (_excluded[^1].First, Math.Max(_excluded[^1].Last, last));
            else
                _excluded.Add((first, last));
        }
        _excludedBlocks = _excluded.Sum(range => range.Last - range.First + 1);
        _usedWithinExcluded = _leases.Keys.LongCount(index => ExclusionOf(index) is not null);
    }

    /// <summary>The first free block from a number on, and then from the beginning; null when none is free.</summary>
    public long? FindFree(long from)
    {
        if (Free <= 0)
            return null;
        from = from >= 0 && from < Count ? from : 0;
        return FindFree(from, Count) ?? FindFree(0, from);
    }

    private void Charge(ReportSender? sender, long more)
    {
        if (sender is null)
            return;
        Add(_byToken, sender.Token, more);
        Add(_bySender, sender, more);
    }

    private static void Add<T>(Dictionary<T, long> counts, T of, long more)
        where T : notnull
    {
        var count = counts.GetValueOrDefault(of) + more;
        if (count == 0)
            counts.Remove(of);
        else
            counts[of] = count;
    }

    private long? FindFree(long from, long end)
    {
        for (var index = from; index < end;)
        {
            if (ExclusionOf(index) is { } range)
                index = range.Last + 1;
            else if (_leases.ContainsKey(index))
                index++;
            else
                return index;
        }
        return null;
    }

    private (long First, long Last)? ExclusionOf(long index)
    {
        var (low, high) = (0, _excluded.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var range = _excluded[middle];
            if (index < range.First)
                high = middle - 1;
            else if (index > range.Last)
                low = middle + 1;
            else
                return range;
        }
        return null;
    }

    private long IndexOf(Prefix block) => _pool.Prefix.BlocksWithin(block, _pool.BlockLength)!.Value.First;
}
