using Relay.Load.Measure;

namespace Relay.Load.Report;

/// <summary>The figures that every measured mode has.</summary>
internal static class MeterRows
{
    /// <summary>Documentation of the keys, for <c>--help</c>.</summary>
    public static string KeysOf(string unit) =>
        $"wall_seconds, and with --relay-pid: relay_cpu_us_per_{unit}, relay_cpu_seconds, relay_cpu_user_seconds, "
        + $"relay_cpu_system_seconds, relay_rss_before_kib, relay_rss_after_kib; client_cpu_us_per_{unit}, "
        + $"target_cpu_us_per_{unit}, client_gc_collections, client_allocated_bytes.";

    private static readonly (string Key, double Fraction)[] Percentiles =
        [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)];

    /// <summary>Adds them.</summary>
    /// <param name="table">To add to.</param>
    /// <param name="meter">What was measured.</param>
    /// <param name="units">How many units were measured.</param>
    /// <param name="unit">What they are, such as <c>echo</c>.</param>
    public static void Add(ResultTable table, RunMeter meter, double units, string unit)
    {
        var per = unit.Replace(' ', '_');
        if (meter.HasRelay)
        {
            AddEach(table, $"relay_cpu_us_per_{per}", $"relay CPU per {unit}", meter.RelayCpuNanoseconds, units);
            table.Add("relay_cpu_seconds", "relay CPU", meter.RelayCpuNanoseconds / 1e9, "s", 3);
            table.Add("relay_cpu_user_seconds", "  in user mode", meter.RelayUserSeconds, "s");
            table.Add("relay_cpu_system_seconds", "  in the kernel", meter.RelaySystemSeconds, "s");
            table.Add("relay_rss_before_kib", "relay memory before", meter.RelayResidentBefore, "KiB");
            table.Add("relay_rss_after_kib", "relay memory after", meter.RelayResidentAfter, "KiB");
        }
        AddEach(table, $"client_cpu_us_per_{per}", $"client CPU per {unit}", meter.ClientCpuNanoseconds, units);
        if (meter.HasTarget)
            AddEach(table, $"target_cpu_us_per_{per}", $"target CPU per {unit}", meter.TargetCpuNanoseconds, units);
        table.Add("client_gc_collections", "client garbage collections", meter.Collections);
        table.Add("client_allocated_bytes", "client allocations", meter.AllocatedBytes, "bytes");
    }

    private static void AddEach(ResultTable table, string key, string label, long nanoseconds, double units)
    {
        if (units > 0)
            table.Add(key, label, nanoseconds / 1e3 / units, "µs", 3);
        else
            table.AddUnknown(key, label);
    }

    public static void AddLatency(ResultTable table, LatencyHistogram latency, string what)
    {
        foreach (var (key, fraction) in Percentiles)
            table.Add($"{what}_{key}_us", $"{what} {key}", latency.Percentile(fraction) / 1e3, "µs", 1);
        table.Add($"{what}_max_us", $"{what} max", latency.Maximum / 1e3, "µs", 1);
        table.Add($"{what}_mean_us", $"{what} mean", latency.Mean / 1e3, "µs", 1);
    }
}
