using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Relay.Admin.Diagnostics;

namespace Relay.Admin.Resources;

/// <summary><c>/metrics</c>: the fleet for Prometheus, with a token of role viewer as all of the API.</summary>
internal static class MetricsResource
{
    /// <summary>Adds its route.</summary>
    public static void Map(WebApplication app)
    {
        var metrics = app.Services.GetRequiredService<FleetMetrics>();
        app.MapPrometheusScrapingEndpoint(
            "/metrics", metrics.Provider, static branch => branch.Use(static next => async http =>
            {
                await http.RequestServices.GetRequiredService<FleetMetrics>().RefreshAsync(http.RequestAborted)
                    .ConfigureAwait(false);
                await next(http).ConfigureAwait(false);
            }), optionsName: null);
    }
}
