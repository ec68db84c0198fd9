using Relay.Fleet.Contract;
using Relay.Fleet.Stats;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What a node carries a second, over its last few reports: kept as numbers, since objects that live for some seconds are what a collector
/// has most work with.
/// </summary>
internal sealed class RateMeter
{
    private const int Samples = 6;

    private readonly Sample[] _samples = new Sample[Samples];
    private int _first;
    private int _count;

    /// <summary>The rates; zero before the second report.</summary>
    public NodeRates Rates => _count == 0 ? NodeRates.None
        : NodeRates.Of(At(_count - 1).Totals.ToTotals() - At(0).Totals.ToTotals(), At(_count - 1).At - At(0).At);

    /// <summary>Notes a report's totals.</summary>
    public void Add(DateTimeOffset at, NodeTotals totals)
    {
        if (_count == Samples)
            (_first, _count) = ((_first + 1) % Samples, _count - 1);
        ref var sample = ref At(_count++);
        sample = new Sample { At = at };
        sample.Totals.Add(totals);
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => _count = 0;

    private ref Sample At(int index) => ref _samples[(_first + index) % Samples];

    private struct Sample
    {
        public DateTimeOffset At;
        public TotalsSum Totals;
    }
}
