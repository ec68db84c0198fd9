namespace Relay.Node.Diagnostics.Export;

/// <summary>
/// What OpenTelemetry's standard variables ask for. Metrics go to a collector as soon as one is named; spans, which
/// cost more, only where they are asked for by name.
/// </summary>
/// <param name="ExportsMetrics">By OTLP.</param>
/// <param name="ExportsTraces">By OTLP.</param>
/// <param name="Unknown">A variable whose value names an exporter that there is not; null for none.</param>
internal readonly record struct TelemetryEnvironment(bool ExportsMetrics, bool ExportsTraces, string? Unknown)
{
    private const string MetricsExporter = "OTEL_METRICS_EXPORTER";
    private const string TracesExporter = "OTEL_TRACES_EXPORTER";

    /// <summary>Whether a collector is to hear of anything.</summary>
    internal bool ExportsAnything => ExportsMetrics || ExportsTraces;

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    internal static TelemetryEnvironment Read(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
            return default;
        var metrics = Names(variable(MetricsExporter));
        var traces = Names(variable(TracesExporter));
        return new TelemetryEnvironment(
            metrics.Length > 0
                ? metrics.Contains("otlp")
                : IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"),
            traces.Length > 0 ? traces.Contains("otlp") : IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
            // Prometheus is what --metrics-address is for.
            UnknownName(MetricsExporter, metrics, "otlp", "none", "prometheus")
                ?? UnknownName(TracesExporter, traces, "otlp", "none"));

        bool IsSet(string name) => !string.IsNullOrWhiteSpace(variable(name));
    }

    private static string[] Names(string? value) =>
        (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? UnknownName(string variable, string[] names, params string[] known) =>
        names.Except(known).FirstOrDefault() is { } name ? $"{variable}: '{name}'" : null;
}
