using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Nodes;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/nodes/{id}/quarantine</c>: nodes whose word is not taken.</summary>
internal static class QuarantineResource
{
    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/nodes/{id}/quarantine", GetAsync)
            .WithName("getQuarantine").WithTags("Nodes").WithSummary("The quarantine of a node")
            .Answers<NodeQuarantine>().Produces(304).AnswersProblems(404).TakesConditions();
        routes.MapPut("/nodes/{id}/quarantine", PutAsync)
            .WithName("quarantineNode").WithTags("Nodes").WithSummary("Quarantines a node: its word is not taken")
            .WithDescription("""
                Its token is refused, its leases run out unrenewed, its sessions leave the directory, and what it carried leaves the
                sums. It stays listed, over restarts of coordinators as well, until the quarantine is lifted.
                """)
            .Answers<NodeQuarantine>().Answers<NodeQuarantine>(201).AnswersProblems(404, 409, 412, 413, 415).TakesConditions()
            .ForOperators();
        routes.MapDelete("/nodes/{id}/quarantine", LiftAsync)
            .WithName("liftQuarantine").WithTags("Nodes").WithSummary("Lifts the quarantine of a node")
            .WithDescription("Its next report is taken; what it says of its leases is held against what was granted since.")
            .Produces(204).AnswersProblems(404, 412).TakesConditions().ForOperators();
    }

    /// <summary>
    /// Refuses who has the token of a node that is quarantined. A token of many nodes is refused for that node alone.
    /// </summary>
    /// <returns>Null where it is not refused.</returns>
    public static ProblemResult? Refusal(HttpContext http, NodeInfo? node) =>
        node?.Quarantine is not null && Caller.Of(http) is { IsNode: true }
            ? Answer.Forbidden(http, QuarantineDecider.RefusalOf(node.Id)) : null;

    private static async Task<IResult> GetAsync(string id, HttpContext http, IFleet fleet) =>
        await FindAsync(id, http, fleet).ConfigureAwait(false) is { } quarantine
            ? Answer.Ok(http, quarantine, FleetJson.Of<NodeQuarantine>(), Preconditions.TagOf(quarantine.Version))
            : Answer.NotFound("there is no node of that name, or it is not quarantined");

    private static async Task<IResult> PutAsync(string id, HttpContext http, IFleet fleet)
    {
        await RequestBody.ReadAsync(http, AdminJson.Default.EmptyBody).ConfigureAwait(false);
        var expected = await ExpectedAsync(id, http, fleet).ConfigureAwait(false);
        var isNew = expected is null or "" && await FindAsync(id, http, fleet).ConfigureAwait(false) is null;
        var result = await fleet.QuarantineNodeAsync(id, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(put => Answer.Put(
            put, FleetJson.Of<NodeQuarantine>(), Preconditions.TagOf(put.Version), isNew,
            $"/v1/nodes/{Uri.EscapeDataString(id)}/quarantine"));
    }

    private static async Task<IResult> LiftAsync(string id, HttpContext http, IFleet fleet)
    {
        var expected = await ExpectedAsync(id, http, fleet).ConfigureAwait(false);
        var result = await fleet.LiftQuarantineAsync(id, expected, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static _ => Results.NoContent());
    }

    private static async ValueTask<NodeQuarantine?> FindAsync(string id, HttpContext http, IFleet fleet) =>
        (await fleet.GetNodeAsync(id, http.RequestAborted).ConfigureAwait(false))?.Quarantine;

    private static ValueTask<string?> ExpectedAsync(string id, HttpContext http, IFleet fleet) =>
        Preconditions.ExpectedVersionAsync(http, async () =>
            (await FindAsync(id, http, fleet).ConfigureAwait(false))?.Version);
}
