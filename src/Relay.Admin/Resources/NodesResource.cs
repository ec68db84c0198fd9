using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/nodes</c>: the nodes as the fleet knows them.</summary>
internal static class NodesResource
{
    private static readonly QueryParameter Window = new("window", "How far back, in seconds.")
    {
        Lowest = NodeHistory.MinSeconds,
        Highest = NodeHistory.MaxSeconds,
        Default = 3600,
    };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/nodes", ListAsync)
            .WithName("listNodes").WithTags("Nodes").WithSummary("Nodes by name")
            .Takes(QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<NodeInfo>>().Compresses().AnswersProblems();
        routes.MapGet("/nodes/{id}", GetAsync)
            .WithName("getNode").WithTags("Nodes")
            .WithSummary("A node: its state, version, addresses, load, leases and last report")
            .Answers<NodeInfo>().AnswersProblems(404);
        routes.MapGet("/nodes/{id}/history", GetHistoryAsync)
            .WithName("getNodeHistory").WithTags("Nodes").WithSummary("How it went at a node, within two hours at most")
            .WithDescription("""
                Points of ten seconds in a window of up to 900, of a minute in a longer one: what was carried, what was open, how busy
                its loops were. Kept in the memory of the coordinator that the node reports to, and lost with it.
                """)
            .Takes(Window)
            .Answers<NodeHistory>().Compresses().AnswersProblems(404);
        routes.MapDelete("/nodes/{id}", ForgetAsync)
            .WithName("forgetNode").WithTags("Nodes").WithSummary("Forgets a silent node")
            .WithDescription("""
                What it said counts no more: addresses that it has in its configuration, its place in drains. Its leases run out
                as they would. A node that reports is a conflict.
                """)
            .Answers<NodeInfo>().AnswersProblems(404, 409).ForOperators();
    }

    /// <summary>The problem of a name that no node has.</summary>
    public static ProblemResult Unknown() => Answer.NotFound("there is no node of that name");

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var paging = Paging.Read(http);
        var page = await fleet.ListNodesAsync(paging.Limit, paging.Cursor, http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(page, FleetJson.Of<Page<NodeInfo>>());
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IFleet fleet) =>
        await fleet.GetNodeAsync(id, http.RequestAborted).ConfigureAwait(false) is { } node
            ? Answer.Ok(node, FleetJson.Of<NodeInfo>())
            : Unknown();

    private static async Task<IResult> GetHistoryAsync(string id, HttpContext http, IFleet fleet)
    {
        var query = new QueryReader(http);
        var window = query.Integer(Window);
        query.ThrowIfWrong();
        return await fleet.GetNodeHistoryAsync(id, window, http.RequestAborted).ConfigureAwait(false) is { } history
            ? Answer.Ok(history, FleetJson.Of<NodeHistory>())
            : Unknown();
    }

    private static async Task<IResult> ForgetAsync(string id, HttpContext http, IFleet fleet)
    {
        var result = await fleet.ForgetNodeAsync(id, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static node => Answer.Ok(node, FleetJson.Of<NodeInfo>()));
    }
}
