using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>Finds which of many prefixes overlap one, without looking at all of them.</summary>
internal sealed class PrefixSearch<T>
{
    private readonly (Prefix Prefix, T Item)[] _sorted;
    private readonly int[] _lengths;

    /// <summary>Sorts.</summary>
    /// <param name="items">What has a prefix.</param>
    /// <param name="prefixOf">Its prefix.</param>
    public PrefixSearch(IEnumerable<T> items, Func<T, Prefix> prefixOf)
    {
        _sorted = [.. items.Select(item => (Prefix: prefixOf(item), Item: item)).OrderBy(static one => one.Prefix)];
        _lengths = [.. _sorted.Select(static one => one.Prefix.Length).Distinct().Order()];
    }

    /// <summary>Those that cover a prefix, and then those within it, in order of address.</summary>
    public IEnumerable<T> Overlapping(Prefix prefix)
    {
        foreach (var length in _lengths.TakeWhile(length => length < prefix.Length))
        {
            var larger = Prefix.Of(prefix.Network, length);
            for (var i = FirstFrom(larger); i < _sorted.Length && _sorted[i].Prefix == larger; i++)
                yield return _sorted[i].Item;
        }
        for (var i = FirstFrom(prefix); i < _sorted.Length && prefix.Contains(_sorted[i].Prefix); i++)
            yield return _sorted[i].Item;
    }

    private int FirstFrom(Prefix prefix)
    {
        var (low, high) = (0, _sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sorted[middle].Prefix < prefix)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
