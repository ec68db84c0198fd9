using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Relay.Node.Diagnostics.Export;

/// <summary>Chooses what this build exports with.</summary>
internal static class TelemetryExport
{
#if FLEET
    /// <summary>Whether this build can send to a collector.</summary>
    internal const bool HasOtlp = true;
#else
    /// <summary>Whether this build can send to a collector.</summary>
    internal const bool HasOtlp = false;
#endif

    /// <summary>Begins to export.</summary>
    /// <param name="meter">The node's meter.</param>
    /// <param name="environment">What the environment asks for.</param>
    /// <param name="log">Where to say what of it cannot be.</param>
    internal static ITelemetryExport Create(Meter meter, in TelemetryEnvironment environment, ILogger log)
    {
        if (environment.Unknown is { } unknown)
            Log.UnknownExporter(log, unknown);
        if (environment.ExportsAnything && !HasOtlp)
            Log.NoOtlp(log);
#if FLEET
        return new OpenTelemetryExport(meter.Name, environment);
#else
        return new PrometheusExport(meter);
#endif
    }
}
