using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/drains</c>, and the drain of one node: taking nodes out of service and back.</summary>
internal static class DrainsResource
{
    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/nodes/{id}/drain", DrainNodeAsync)
            .WithName("drainNode").WithTags("Drains").WithSummary("Drains one node")
            .WithDescription("""
                Begins at once, whatever else drains. Watch it at the answer's `Location`. A node's own token may drain
                that node, as before its container stops. Of a node that is drained already the answer is the drain that it was
                drained by, with 200, and nothing changes; with `join` also of one that is being drained.
                """)
            .TakesBody<DrainOneBody>(isOptional: true)
            .Answers<DrainInfo>().Answers<DrainInfo>(202).AnswersProblems(404, 409, 413, 415, 422)
            .RequireAuthorization(Policies.OperatorOrNode).WithIdempotency();
        routes.MapPost("/nodes/{id}/undrain", UndrainNodeAsync)
            .WithName("undrainNode").WithTags("Drains").WithSummary("Makes a node serve again")
            .WithDescription("Answers with the drain that it took the node out of; 204 where the node was in none.")
            .Answers<DrainInfo>(202).Produces(204).AnswersProblems(404, 413, 415, 422).ForOperators().WithIdempotency();
        routes.MapPost("/drains", DrainNodesAsync)
            .WithName("startDrain").WithTags("Drains").WithSummary("Drains several nodes, a few at a time")
            .WithDescription("""
                Where all that are named are drained already, by one drain, the answer is that drain, with 200, and nothing changes.
                """)
            .TakesBody<DrainBody>()
            .Answers<DrainInfo>().Answers<DrainInfo>(202).AnswersProblems(409, 413, 415, 422).ForOperators().WithIdempotency();
        routes.MapGet("/drains", ListAsync)
            .WithName("listDrains").WithTags("Drains").WithSummary("Drains, newest first")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<DrainInfo>>().Compresses().AnswersProblems();
        routes.MapGet("/drains/{id}", GetAsync)
            .WithName("getDrain").WithTags("Drains").WithSummary("A drain, and how it goes on each node")
            .Answers<DrainInfo>().Compresses().AnswersProblems(404).RequireAuthorization(Policies.ViewerOrNode);
        routes.MapDelete("/drains/{id}", CancelAsync)
            .WithName("cancelDrain").WithTags("Drains").WithSummary("Cancels a drain")
            .WithDescription("Nodes that wait are left alone; those that drain or are drained serve again.")
            .Answers<DrainInfo>(202).AnswersProblems(404, 409).ForOperators();
    }

    private static async Task<IResult> DrainNodeAsync(string id, HttpContext http, IFleet fleet)
    {
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<DrainOneBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<DrainOneBody>());
        if (Caller.Of(http) is { IsNode: true } caller && !caller.MaySpeakFor(id))
            return Answer.Forbidden(http, "the token is another node's");
        if (await fleet.GetNodeAsync(id, http.RequestAborted).ConfigureAwait(false) is not { } node)
            return NodesResource.Unknown();
        if (QuarantineResource.Refusal(http, node) is { } refusal)
            return refusal;
        // Whoever has a token of many nodes drains the one that reports from where he asks. Where that is not known, as of a node that
        // reports by an older coordinator, none is kept from its drain.
        if (Caller.Of(http)?.SenderOf(http) is { } sender && node.Sender is { } holder && holder.Source != sender.Source)
            return Answer.Forbidden(http, "the token is one of many nodes, and this one reports from elsewhere");
        var request = await RequestAsync(http, new DrainBody(body)
        {
            Nodes = [id],
            // Whoever names one node means that node, now: the budget is for operations that choose their own pace.
            MaxConcurrent = DrainBudget.Percent(100),
        }).ConfigureAwait(false);
        var result = await fleet.StartDrainAsync(request, http.RequestAborted).ConfigureAwait(false);
        if (result.Status != FleetStatus.Conflict)
            return AnswerOf(http, result);
        if (await FindDrainAsync(http, fleet, [id]).ConfigureAwait(false) is not { } drain)
            return AnswerOf(http, body.Join ? await AgainAsync().ConfigureAwait(false) : result);
        var step = drain.Nodes.First(one => one.Node == id).Step;
        if (step == DrainStep.Drained || (body.Join && step != DrainStep.Waiting))
            return Joined(http, drain);
        if (!body.Join)
            return AnswerOf(http, result);
        // Its turn may come too late for whoever asks now.
        await fleet.UndrainAsync(id, http.RequestAborted).ConfigureAwait(false);
        return AnswerOf(http, await AgainAsync().ConfigureAwait(false));

        ValueTask<FleetResult<DrainInfo>> AgainAsync() => fleet.StartDrainAsync(request, http.RequestAborted);
    }

    // The one drain that some nodes take part in; null where there is none, or another for each.
    private static async Task<DrainInfo?> FindDrainAsync(HttpContext http, IFleet fleet, IReadOnlyList<string> nodes)
    {
        string? drain = null;
        foreach (var node in nodes)
        {
            if (await fleet.GetNodeAsync(node, http.RequestAborted).ConfigureAwait(false) is not { DrainId: { } id }
                || (drain is not null && drain != id))
                return null;
            drain = id;
        }
        return drain is not null && await fleet.GetDrainAsync(drain, http.RequestAborted).ConfigureAwait(false) is { } found
            && nodes.All(node => found.Nodes.Any(one => one.Node == node)) ? found : null;
    }

    private static async Task<IResult> DrainNodesAsync(HttpContext http, IFleet fleet)
    {
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<DrainBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<DrainBody>());
        var request = await RequestAsync(http, body).ConfigureAwait(false);
        var result = await fleet.StartDrainAsync(request, http.RequestAborted).ConfigureAwait(false);
        // What is asked for is so already. No more are looked up one by one than somebody names by hand.
        return result.Status == FleetStatus.Conflict && body.Nodes is { Count: > 0 and <= 32 } nodes
            && await FindDrainAsync(http, fleet, nodes).ConfigureAwait(false) is { } drain
            && drain.Nodes.Where(one => nodes.Contains(one.Node)).All(static one => one.Step == DrainStep.Drained)
            ? Joined(http, drain) : AnswerOf(http, result);
    }

    private static JsonAnswer<DrainInfo> Joined(HttpContext http, DrainInfo drain) =>
        Answer.Joined(SeenBy(http, drain)!, FleetJson.Of<DrainInfo>(), LocationOf(drain));

    private static async ValueTask<DrainRequest> RequestAsync(HttpContext http, DrainBody body) => new(body)
    {
        Id = IdempotencyKey.NameOf(http),
        Fingerprint = await IdempotencyKey.FingerprintOf(http).ConfigureAwait(false),
    };

    private static IResult AnswerOf(HttpContext http, FleetResult<DrainInfo> result) =>
        // The fleet knows the request that began a drain, also where another coordinator was asked before.
        result.Status == FleetStatus.Reused ? throw IdempotencyStore.Reused()
        : result.ToAnswer(drain => Accepted(SeenBy(http, drain)!));

    private static async Task<IResult> UndrainNodeAsync(string id, HttpContext http, IFleet fleet)
    {
        await RequestBody.ReadAsync(http, AdminJson.Default.EmptyBody).ConfigureAwait(false);
        var result = await fleet.UndrainAsync(id, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static drain => drain is null ? Results.NoContent() : Accepted(drain));
    }

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var paging = Paging.Read(http);
        var page = await fleet.ListDrainsAsync(paging.Limit, paging.Cursor, http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(page, FleetJson.Of<Page<DrainInfo>>());
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IFleet fleet)
    {
        if (Caller.Of(http)?.Token is { Role: AdminRole.Node, IsPattern: false, Name: var name } && QuarantineResource.Refusal(
            http, await fleet.GetNodeAsync(name, http.RequestAborted).ConfigureAwait(false)) is { } refusal)
            return refusal;
        return await fleet.GetDrainAsync(id, http.RequestAborted).ConfigureAwait(false) is { } drain
            && SeenBy(http, drain) is { } seen
            ? Answer.Ok(seen, FleetJson.Of<DrainInfo>())
            : Answer.NotFound("there is no drain of that id");
    }

    /// <summary>To a node's token a drain is what it is for its nodes, and one of none of them is none.</summary>
    private static DrainInfo? SeenBy(HttpContext http, DrainInfo drain)
    {
        if (Caller.Of(http) is not { IsNode: true } caller)
            return drain;
        return drain.PartOf(caller.MaySpeakFor) is { Nodes.Count: > 0 } part ? part : null;
    }

    private static async Task<IResult> CancelAsync(string id, HttpContext http, IFleet fleet)
    {
        var result = await fleet.CancelDrainAsync(id, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(Accepted);
    }

    private static JsonAnswer<DrainInfo> Accepted(DrainInfo drain) =>
        Answer.Accepted(drain, FleetJson.Of<DrainInfo>(), LocationOf(drain));

    private static string LocationOf(DrainInfo drain) => $"/v1/drains/{Uri.EscapeDataString(drain.Id)}";
}
