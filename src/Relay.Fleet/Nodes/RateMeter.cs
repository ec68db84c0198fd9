using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>What a node carries a second, over its last few reports.</summary>
internal sealed class RateMeter
{
    private const int Samples = 6;

    private readonly Queue<(DateTimeOffset At, NodeTotals Totals)> samples = new(Samples);
    private (DateTimeOffset At, NodeTotals Totals) last;

    /// <summary>The rates; zero before the second report.</summary>
    public NodeRates Rates =>
        samples.TryPeek(out var first) ? NodeRates.Of(last.Totals - first.Totals, last.At - first.At) : new NodeRates();

    /// <summary>Notes a report's totals.</summary>
    public void Add(DateTimeOffset at, NodeTotals totals)
    {
        if (samples.Count == Samples)
            samples.Dequeue();
        last = (at, totals);
        samples.Enqueue(last);
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => samples.Clear();
}
