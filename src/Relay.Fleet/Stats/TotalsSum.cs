using System.Runtime.CompilerServices;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Stats;

/// <summary>A sum of totals that is added to in place: with each report of each node, which is to make no object.</summary>
[InlineArray(NodeTotals.Numbers)]
internal struct TotalsSum
{
    private long _first;

    /// <summary>Adds to it.</summary>
    public void Add(NodeTotals more)
    {
        Span<long> numbers = stackalloc long[NodeTotals.Numbers];
        more.CopyTo(numbers);
        Add(numbers);
    }

    /// <summary>Adds another sum to it.</summary>
    public void Add(in TotalsSum more) => Add((ReadOnlySpan<long>)more);

    /// <summary>The sum.</summary>
    public readonly NodeTotals ToTotals() => NodeTotals.Of(this);

    private void Add(ReadOnlySpan<long> numbers)
    {
        Span<long> sum = this;
        for (var i = 0; i < numbers.Length; i++)
            sum[i] = Sums.Saturating(sum[i], numbers[i]);
    }
}
