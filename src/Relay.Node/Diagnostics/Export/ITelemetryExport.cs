using Microsoft.AspNetCore.Builder;

namespace Relay.Node.Diagnostics.Export;

/// <summary>Takes what the node's meter and spans say to where it is looked at.</summary>
internal interface ITelemetryExport : IDisposable
{
    /// <summary>Makes a web application answer <see cref="DiagnosticsServer.MetricsPath"/>.</summary>
    void Use(IApplicationBuilder application);
}
