using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;

namespace Relay.Admin.Resources;

/// <summary>
/// <c>/livez</c> and <c>/readyz</c>: for whoever restarts the process, and whoever sends it requests.
/// </summary>
internal static class HealthResource
{
    /// <summary>Adds its routes. They ask for no token.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/livez", static () => Results.Text("ok\n")).WithMetadata(new IsProbe())
            .AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/readyz", ReadyAsync).WithMetadata(new IsProbe()).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(HttpContext http, FleetProbe probe)
    {
        if (await probe.FaultAsync(http.RequestAborted).ConfigureAwait(false) is { } fault)
            return Results.Text($"{fault}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        return Results.Text(probe.DegradedBecause is { } why ? $"ok, degraded: {why}\n" : "ok\n");
    }
}

/// <summary>Marks the routes of probes, which no rate applies to.</summary>
internal sealed record IsProbe;
