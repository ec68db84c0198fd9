namespace Relay.Fleet.Contract;

/// <summary>What came at one node between two of its reports.</summary>
/// <param name="Totals">What it carried.</param>
/// <param name="Rtt">Round trips that it sampled.</param>
/// <param name="TunnelSetup">Times from request to answer.</param>
public sealed record StatsIncrease(NodeTotals Totals, Distribution Rtt, Distribution TunnelSetup)
{
    /// <summary>Nothing came.</summary>
    public static StatsIncrease None { get; } = new(new NodeTotals(), Distribution.Empty, Distribution.Empty);

    /// <summary>What came in both times.</summary>
    public static StatsIncrease operator +(StatsIncrease left, StatsIncrease right) =>
        ReferenceEquals(left, None) ? right
        : ReferenceEquals(right, None) ? left
        : new(left.Totals + right.Totals, left.Rtt + right.Rtt, left.TunnelSetup + right.TunnelSetup);
}
