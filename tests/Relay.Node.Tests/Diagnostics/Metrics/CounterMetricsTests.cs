using System.Reflection;
using Relay.Node.Counters;

namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>What loops count can be seen.</summary>
public sealed class CounterMetricsTests
{
    /// <summary>
    /// No metrics of their own: accepted connections are those by result and the pending ones, which decide about Retry;
    /// the others are reported to the fleet.
    /// </summary>
    private static readonly string[] Unshown =
    [
        nameof(LoopCounters.ConnectionsAccepted), nameof(LoopCounters.HandshakesPending),
        nameof(LoopCounters.RequestsRefused), "Tcp.Started", "Udp.Started",
    ];

    /// <summary>Every second of them, as a double does not hold a bit of each.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void EveryCount_IsPartOfAMetric(int half)
    {
        using var node = new WatchedNode();
        using var export = new ScrapedExport(node.Meter.Name);
        node.Relay.CertificateExpires = null;
        node.Diagnostics.Attach(node.Relay);
        // Each has a bit of its own, which is in every sum that it is part of.
        var bit = 1L << 8;
        var bits = new Dictionary<string, long>();
        var loop = node.Relay.LoopCounters[0];
        var next = half;
        foreach (var (prefix, counts) in (ReadOnlySpan<(string, object)>)
            [("", loop), ("Tcp.", loop.Tcp), ("Udp.", loop.Udp)])
        {
            foreach (var field in counts.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance)
                .Where(static field => field.FieldType == typeof(long)))
            {
                if (next++ % 2 != 0)
                    continue;
                field.SetValue(counts, bit);
                bits.Add(prefix + field.Name, bit);
                bit <<= 1;
            }
        }
        // What a double holds of them together.
        Assert.True(bit >> 8 <= 1L << 53);

        // What the process's own metrics show is of no count.
        var shown = export.Scrape().Values
            .Where(static one => !one.Key.StartsWith("process_", StringComparison.Ordinal)
                && !one.Key.StartsWith("relay_memory_limit_", StringComparison.Ordinal))
            .Select(static one => (long)one.Value).ToArray();

        var unseen = bits.Where(one => !shown.Any(value => (value & one.Value) != 0)).Select(static one => one.Key);
        Assert.Equal(Unshown.Where(bits.ContainsKey), unseen);
    }
}
