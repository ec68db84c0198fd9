using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Users;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/users</c>: who may use the relays, and with which devices.</summary>
internal static class UsersResource
{
    private static readonly QueryParameter Search =
        new("search", "A part of the name.") { MaxLength = Names.MaxUserLength, Example = "ali" };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/users", ListAsync)
            .WithName("listUsers").WithTags("Users").WithSummary("Users by name")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor, Search)
            .Answers<Page<User>>().AnswersProblems();
        routes.MapGet("/users/{name}", GetAsync)
            .WithName("getUser").WithTags("Users").WithSummary("A user, and the devices")
            .Answers<User>().Produces(304).AnswersProblems(404).TakesConditions();
        routes.MapPut("/users/{name}", PutAsync)
            .WithName("putUser").WithTags("Users").WithSummary("Adds a user, or changes one, who keeps the devices")
            .WithDescription("""
                What is absent in the body is not so: a user who was disabled is enabled again. A user who is disabled or has
                expired is refused by every node with its next report, and open sessions end.
                """)
            .TakesBody<UserBody>()
            .Answers<User>().Answers<User>(201).AnswersProblems(409, 412, 413, 415).TakesConditions().ForOperators();
        routes.MapDelete("/users/{name}", DeleteAsync)
            .WithName("deleteUser").WithTags("Users").WithSummary("Removes a user with all devices; open sessions end")
            .Produces(204).AnswersProblems(404, 412).TakesConditions().ForOperators();
        routes.MapGet("/users/{name}/usage", GetUsageAsync)
            .WithName("getUserUsage").WithTags("Users").WithSummary("What a user has used, by calendar month (UTC)")
            .WithDescription("""
                Of the last twelve months those in which there was anything, newest first. `bytesPerMonth` is the limit that holds, the
                user's own or that of `*`; absent for none.
                """)
            .Answers<UserUsage>().AnswersProblems(404);
        routes.MapPost("/users/{name}/credentials", AddDeviceAsync)
            .WithName("addDevice").WithTags("Users").WithSummary("Gives a user a device, and tells its secret, once")
            .WithDescription("""
                Nobody can ask for the secret again: what is kept is its hash. An answer that was lost is a device to be removed.
                """)
            .TakesBody<DeviceBody>()
            .Answers<NewCredential>(201).AnswersProblems(404, 409, 413, 415).ForOperators();
        routes.MapDelete("/users/{name}/credentials/{id}", RemoveDeviceAsync)
            .WithName("removeDevice").WithTags("Users").WithSummary("Takes a device from a user; its sessions end")
            .Produces(204).AnswersProblems(404).ForOperators();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var query = new QueryReader(http);
        var paging = Paging.Read(query);
        var search = query.Text(Search);
        query.ThrowIfWrong();
        var page = await fleet.ListUsersAsync(
            new UserQuery { Search = search, Limit = paging.Limit, Cursor = paging.Cursor }, http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(page, FleetJson.Of<Page<User>>());
    }

    private static async Task<IResult> GetAsync(string name, HttpContext http, IFleet fleet) =>
        await fleet.GetUserAsync(name, http.RequestAborted).ConfigureAwait(false) is { } user
            ? Answer.Ok(http, user, FleetJson.Of<User>(), Preconditions.TagOf(user.Version))
            : Answer.NotFound("there is no user of that name");

    private static async Task<IResult> PutAsync(string name, HttpContext http, IFleet fleet)
    {
        if (!Names.IsUser(name))
            return new ProblemResult(Problem.Invalid("name", "not " + Names.UserRule));
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<UserBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<UserBody>());
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var isNew = expected is null or "" && await fleet.GetUserAsync(name, http.RequestAborted).ConfigureAwait(false) is null;
        var user = new User { Name = name, IsDisabled = body.IsDisabled, ExpiresAt = body.ExpiresAt };
        var result = await fleet.PutUserAsync(user, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(put => Answer.Put(
            put, FleetJson.Of<User>(), Preconditions.TagOf(put.Version), isNew, $"/v1/users/{Uri.EscapeDataString(name)}"));
    }

    private static async Task<IResult> DeleteAsync(string name, HttpContext http, IFleet fleet)
    {
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var result = await fleet.DeleteUserAsync(name, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static _ => Results.NoContent());
    }

    private static async Task<IResult> GetUsageAsync(string name, HttpContext http, IFleet fleet) =>
        await fleet.GetUserUsageAsync(name, http.RequestAborted).ConfigureAwait(false) is { } usage
            ? Answer.Ok(usage, FleetJson.Of<UserUsage>())
            : Answer.NotFound("there is no user of that name");

    private static async Task<IResult> AddDeviceAsync(string name, HttpContext http, IFleet fleet)
    {
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<DeviceBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<DeviceBody>());
        var (device, secret) = DeviceSecret.Create(body.Name!, body.ExpiresAt);
        var result = await fleet.AddDeviceAsync(name, device, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(user => Answer.Created(
            new NewCredential { User = user.Name, Id = device.Id, Name = device.Name, Secret = secret, ExpiresAt = device.ExpiresAt },
            FleetJson.Of<NewCredential>(), $"/v1/users/{Uri.EscapeDataString(user.Name)}/credentials/{device.Id}"));
    }

    private static async Task<IResult> RemoveDeviceAsync(string name, string id, HttpContext http, IFleet fleet)
    {
        var result = await fleet.RemoveDeviceAsync(name, id, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static _ => Results.NoContent());
    }

    private static ValueTask<string?> ExpectedAsync(string name, HttpContext http, IFleet fleet) =>
        Preconditions.ExpectedVersionAsync(http, async () =>
            (await fleet.GetUserAsync(name, http.RequestAborted).ConfigureAwait(false))?.Version);
}
