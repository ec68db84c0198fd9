using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What a node carries a second, over its last few reports.</summary>
internal sealed class RateMeter
{
    private const int Samples = 6;

    private readonly Queue<(DateTimeOffset At, NodeTotals Totals)> _samples = new(Samples);
    private (DateTimeOffset At, NodeTotals Totals) _last;

    /// <summary>The rates; zero before the second report.</summary>
    public NodeRates Rates =>
        _samples.TryPeek(out var first) ? NodeRates.Of(_last.Totals - first.Totals, _last.At - first.At) : new NodeRates();

    /// <summary>Notes a report's totals.</summary>
    public void Add(DateTimeOffset at, NodeTotals totals)
    {
        if (_samples.Count == Samples)
            _samples.Dequeue();
        _last = (at, totals);
        _samples.Enqueue(_last);
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => _samples.Clear();
}
