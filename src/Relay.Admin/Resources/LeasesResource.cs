using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/prefix-pools/{name}/leases</c>: the blocks of a pool that are not free.</summary>
internal static class LeasesResource
{
    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/prefix-pools/{name}/leases", ListAsync)
            .WithName("listLeases").WithTags("Prefix pools")
            .WithSummary("The blocks of a pool that are not free, by address")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<LeaseInfo>>().Compresses().AnswersProblems(404);
        routes.MapDelete("/prefix-pools/{name}/leases/{**prefix}", RevokeAsync)
            .WithName("revokeLease").WithTags("Prefix pools").WithSummary("Takes a block back from its node")
            .WithDescription("""
                The node is told to stop with its next report; the block is quarantined once it has, or once the lease has run
                out. The slash of the prefix may be written as it is, or as `%2F`.
                """)
            .Answers<LeaseInfo>(202).AnswersProblems(404, 409).ForOperators();
    }

    private static async Task<IResult> ListAsync(string name, HttpContext http, IFleet fleet)
    {
        var paging = Paging.Read(http);
        var page = await fleet.ListLeasesAsync(name, paging.Limit, paging.Cursor, http.RequestAborted)
            .ConfigureAwait(false);
        return page is null ? PrefixPoolsResource.Unknown() : Answer.Ok(page, FleetJson.Of<Page<LeaseInfo>>());
    }

    private static async Task<IResult> RevokeAsync(string name, string prefix, HttpContext http, IFleet fleet)
    {
        var text = RawSegment.After(http, "/leases/", prefix);
        if (!Prefix.TryParse(text, out var block))
            return new ProblemResult(Problem.Invalid("prefix", "an address prefix is wanted, such as 2001:db8::/64"));
        var result = await fleet.RevokeLeaseAsync(name, block, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(lease => Answer.Accepted(
            lease, FleetJson.Of<LeaseInfo>(), $"/v1/prefix-pools/{Uri.EscapeDataString(name)}/leases"));
    }
}
