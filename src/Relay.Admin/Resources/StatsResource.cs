using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/stats</c>: what the fleet carried.</summary>
internal static class StatsResource
{
    private static readonly QueryParameter Window =
        new("window", "How far back, in seconds.") { Lowest = 10, Highest = 3600, Default = 60 };

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/stats", GetAsync)
        .WithName("getStats").WithTags("Stats")
        .WithSummary("Totals, rates and percentiles of a window, and each node's part")
        .Takes(Window)
        .Answers<FleetStats>().Compresses().AnswersProblems();

    private static async Task<IResult> GetAsync(HttpContext http, IFleet fleet)
    {
        var query = new QueryReader(http);
        var window = query.Integer(Window);
        query.ThrowIfWrong();
        return Answer.Ok(
            await fleet.GetStatsAsync(window, http.RequestAborted).ConfigureAwait(false), FleetJson.Of<FleetStats>());
    }
}
