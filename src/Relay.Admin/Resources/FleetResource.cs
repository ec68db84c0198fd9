using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/fleet</c>: the fleet at a glance.</summary>
internal static class FleetResource
{
    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/fleet", GetAsync)
        .WithName("getFleet").WithTags("Fleet").WithSummary("The fleet at a glance")
        .WithDescription("Nodes by state, what is open and carried, drains that run, and what an operator should know.")
        .Answers<FleetOverview>().Compresses().AnswersProblems();

    private static async Task<IResult> GetAsync(HttpContext http, IFleet fleet) => Answer.Ok(
        await fleet.GetOverviewAsync(http.RequestAborted).ConfigureAwait(false), FleetJson.Of<FleetOverview>());
}
