using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/prefix-pools</c>: the address blocks that nodes can lease.</summary>
internal static class PrefixPoolsResource
{
    private static readonly QueryParameter NewFleet = new(
        "newFleet",
        "`true`: no node can hold an address of the pool, since no fleet has ever granted one. It grants at once then, instead of "
        + "waiting for what may be held; 409 where a block of it is held, or was.")
    {
        Choices = ["true", "false"],
    };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/prefix-pools", ListAsync)
            .WithName("listPrefixPools").WithTags("Prefix pools").WithSummary("Pools by name")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<PrefixPoolInfo>>().Compresses().AnswersProblems();
        routes.MapGet("/prefix-pools/{name}", GetAsync)
            .WithName("getPrefixPool").WithTags("Prefix pools").WithSummary("A pool, and how much of it is in use")
            .Answers<PrefixPoolInfo>().Produces(304).AnswersProblems(404).TakesConditions();
        routes.MapPut("/prefix-pools/{name}", PutAsync)
            .WithName("putPrefixPool").WithTags("Prefix pools").WithSummary("Defines a pool, or changes it")
            .WithDescription("""
                Its addresses must not overlap another pool's, or those that a node has in its own configuration. Blocks that are
                leased must fit a changed definition. `grantsFrom` of the answer says until when it only renews what is held, because
                the fleet has begun anew, or may have lost what it knew.
                """)
            .Takes(NewFleet)
            .TakesBody<PoolBody>()
            .Answers<PrefixPoolInfo>().Answers<PrefixPoolInfo>(201).AnswersProblems(409, 412, 413, 415)
            .TakesConditions().ForOperators();
        routes.MapDelete("/prefix-pools/{name}", DeleteAsync)
            .WithName("deletePrefixPool").WithTags("Prefix pools").WithSummary("Removes a pool without live leases")
            .Produces(204).AnswersProblems(404, 409, 412).TakesConditions().ForOperators();
    }

    /// <summary>The problem of a name that no pool has.</summary>
    public static ProblemResult Unknown() => Answer.NotFound("there is no pool of that name");

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var paging = Paging.Read(http);
        var pools = await fleet.ListPoolsAsync(http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(paging.Part(pools, static info => info.Pool.Name), FleetJson.Of<Page<PrefixPoolInfo>>());
    }

    private static async Task<IResult> GetAsync(string name, HttpContext http, IFleet fleet) =>
        await fleet.GetPoolAsync(name, http.RequestAborted).ConfigureAwait(false) is { } pool
            ? Answer.Ok(http, pool, FleetJson.Of<PrefixPoolInfo>(), TagOf(pool))
            : Unknown();

    private static async Task<IResult> PutAsync(string name, HttpContext http, IFleet fleet)
    {
        if (!Names.IsPool(name))
            return new ProblemResult(Problem.Invalid("name", "not " + Names.PoolRule));
        var query = new QueryReader(http);
        var isNewFleet = query.Text(NewFleet) == "true";
        query.ThrowIfWrong();
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<PoolBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<PoolBody>());
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var isNew = expected is null or ""
            && await fleet.GetPoolAsync(name, http.RequestAborted).ConfigureAwait(false) is null or { IsFound: true };
        var pool = new PrefixPool { Name = name, Prefix = body.Prefix!.Value, BlockLength = body.BlockLength!.Value };
        var result = await fleet.PutPoolAsync(pool, expected, isNewFleet, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(put => Answer.Put(
            put, FleetJson.Of<PrefixPoolInfo>(), TagOf(put), isNew, $"/v1/prefix-pools/{name}"));
    }

    private static async Task<IResult> DeleteAsync(string name, HttpContext http, IFleet fleet)
    {
        var expected = await ExpectedAsync(name, http, fleet).ConfigureAwait(false);
        var result = await fleet.DeletePoolAsync(name, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static _ => Results.NoContent());
    }

    private static ValueTask<string?> ExpectedAsync(string name, HttpContext http, IFleet fleet) =>
        Preconditions.ExpectedVersionAsync(http, async () =>
            (await fleet.GetPoolAsync(name, http.RequestAborted).ConfigureAwait(false))?.Pool.Version);

    private static string TagOf(PrefixPoolInfo info) => Preconditions.TagOf(
        info.Pool.Version,
        $"{info.Held}.{info.Quarantined}.{info.Free}.{info.Excluded}"
            + (info.GrantsFrom is { } from ? $".r{from.ToUnixTimeSeconds()}" : "")
            + (info.IsFound ? ".f" : "") + (info.Conflicts.Count > 0 ? $".c{info.Conflicts.Count}" : "")
            + (info.SharedOut.Count > 0 ? $".s{info.SharedOut.Count}" : ""));
}
