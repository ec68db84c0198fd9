using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/caller</c>: who asks. A page leaves out what the token does not allow; the API refuses it all the same.</summary>
internal static class CallerResource
{
    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/caller", Get)
        .WithName("getCaller").WithTags("Fleet").WithSummary("Whose token it is, and what it allows")
        .WithDescription("Of a coordinator without tokens whoever reaches it is an operator, by the name `local`.")
        .Answers<CallerInfo>().AnswersProblems();

    private static JsonAnswer<CallerInfo> Get(HttpContext http) => Answer.Ok(
        new CallerInfo
        {
            Name = Caller.Of(http)?.Name ?? Caller.LocalName,
            Role = http.User.IsInRole(AdminRoles.Operator) ? AdminRoles.Operator : AdminRoles.Viewer,
        },
        FleetJson.Of<CallerInfo>());
}
