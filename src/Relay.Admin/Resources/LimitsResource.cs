using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Limits;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/limits</c>: what each identity may use in the whole fleet.</summary>
internal static class LimitsResource
{
    private const string Folder = "/v1/limits/";

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/limits", ListAsync)
            .WithName("listLimits").WithTags("Limits").WithSummary("Limits by identity")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<LimitRule>>().Compresses().AnswersProblems();
        routes.MapGet("/limits/{**identity}", GetAsync)
            .WithName("getLimit").WithTags("Limits").WithSummary("The limit of an identity")
            .Answers<LimitRule>().Produces(304).AnswersProblems(404).TakesConditions();
        routes.MapPut("/limits/{**identity}", PutAsync)
            .WithName("putLimit").WithTags("Limits").WithSummary("Sets the limit of an identity")
            .WithDescription("`*` is for each identity that has no limit of its own.")
            .TakesBody<IdentityLimit>()
            .Answers<LimitRule>().Answers<LimitRule>(201).AnswersProblems(409, 412, 413, 415).TakesConditions()
            .ForOperators();
        routes.MapDelete("/limits/{**identity}", DeleteAsync)
            .WithName("deleteLimit").WithTags("Limits").WithSummary("Lifts the limit of an identity")
            .Produces(204).AnswersProblems(404, 412).TakesConditions().ForOperators();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var paging = Paging.Read(http);
        var rules = await fleet.ListLimitsAsync(http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(paging.Part(rules, static rule => rule.Identity), FleetJson.Of<Page<LimitRule>>());
    }

    private static async Task<IResult> GetAsync(string identity, HttpContext http, IFleet fleet) =>
        await FindAsync(RawSegment.After(http, Folder, identity), http, fleet).ConfigureAwait(false) is { } rule
            ? Answer.Ok(http, rule, FleetJson.Of<LimitRule>(), Preconditions.TagOf(rule.Version))
            : Answer.NotFound("that identity has no limit of its own");

    private static async Task<IResult> PutAsync(string identity, HttpContext http, IFleet fleet)
    {
        var name = RawSegment.After(http, Folder, identity);
        if (!LimitDecider.IsIdentity(name))
            return new ProblemResult(Problem.Invalid("identity", "not user:…, certificate:…, cert:…, credential:…, jwt:…, anonymous or *"));
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<IdentityLimit>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<IdentityLimit>());
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var isNew = expected is null or "" && await FindAsync(name, http, fleet).ConfigureAwait(false) is null;
        var rule = new LimitRule { Identity = name, Limit = body };
        var result = await fleet.PutLimitAsync(rule, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(put => Answer.Put(
            put, FleetJson.Of<LimitRule>(), Preconditions.TagOf(put.Version), isNew,
            Folder + Uri.EscapeDataString(name)));
    }

    private static async Task<IResult> DeleteAsync(string identity, HttpContext http, IFleet fleet)
    {
        var name = RawSegment.After(http, Folder, identity);
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var result = await fleet.DeleteLimitAsync(name, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static _ => Results.NoContent());
    }

    private static async ValueTask<LimitRule?> FindAsync(string identity, HttpContext http, IFleet fleet) =>
        (await fleet.ListLimitsAsync(http.RequestAborted).ConfigureAwait(false))
            .FirstOrDefault(rule => rule.Identity == identity);

    private static ValueTask<string?> ExpectedAsync(string identity, HttpContext http, IFleet fleet) =>
        Preconditions.ExpectedVersionAsync(http, async () =>
            (await FindAsync(identity, http, fleet).ConfigureAwait(false))?.Version);
}
