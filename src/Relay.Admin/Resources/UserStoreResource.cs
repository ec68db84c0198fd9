using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/user-store</c>: the fleet's store of users as a whole, and how far nodes have it.</summary>
internal static class UserStoreResource
{
    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/user-store", GetAsync)
            .WithName("getUserStore").WithTags("Users").WithSummary("The store of users, and which nodes have not what is in it")
            .WithDescription("""
                `waiting` names nodes that keep what they have of another store, since this one was lost or restored, until it is
                confirmed; `behind` those that get what has changed with their next reports.
                """)
            .Answers<UserStoreInfo>().AnswersProblems();
        routes.MapPost("/user-store/confirm", ConfirmAsync)
            .WithName("confirmUserStore").WithTags("Users").WithSummary("The store replaces what nodes have of another")
            .WithDescription("""
                409 where `store` is not the one that there is: somebody else's look at it does not count. It may be another one
                afterwards.
                """)
            .TakesBody<ConfirmBody>()
            .Answers<UserStoreInfo>().AnswersProblems(409, 413, 415).ForOperators();
    }

    private static async Task<IResult> GetAsync(HttpContext http, IFleet fleet) => Answer.Ok(
        await fleet.GetUserStoreAsync(http.RequestAborted).ConfigureAwait(false), FleetJson.Of<UserStoreInfo>());

    private static async Task<IResult> ConfirmAsync(HttpContext http, IFleet fleet)
    {
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<ConfirmBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<ConfirmBody>());
        var result = await fleet.ConfirmUsersAsync(body.Store!.Value, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static info => Answer.Ok(info, FleetJson.Of<UserStoreInfo>()));
    }
}
