using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/sessions</c>: who is connected, on which node, and with which egress address.</summary>
internal static class SessionsResource
{
    private static readonly QueryParameter Node =
        new("node", "Only sessions on this node.") { MaxLength = 63, Example = "edge-1" };

    private static readonly QueryParameter Identity =
        new("identity", "Only sessions of exactly this identity.") { Example = "credential:alice" };

    private static readonly QueryParameter Egress = new("egress", """
        Only sessions whose targets see this source address: `ADDR`, `ADDR:PORT` or `[ADDR]:PORT`. With a port the nodes are
        asked whose tunnel uses it, which takes a report or two.
        """)
    {
        MaxLength = 64,
        Example = "[2001:db8::5]:40000",
    };

    private static readonly QueryParameter At =
        new("at", "When the target saw it, with a port in `egress`; absent for now.") { Format = "date-time" };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sessions", ListAsync)
            .WithName("listSessions").WithTags("Sessions").WithSummary("Sessions that fit everything that is named")
            .Takes(Node, Identity, Egress, At, QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<Page<SessionRecord>>().Compresses().AnswersProblems();
        routes.MapGet("/sessions/{id}", GetAsync)
            .WithName("getSession").WithTags("Sessions").WithSummary("A session")
            .Answers<SessionRecord>().AnswersProblems(404);
        routes.MapDelete("/sessions/{id}", EndAsync)
            .WithName("endSession").WithTags("Sessions").WithSummary("Ends a session")
            .WithDescription("Its node closes the connection with its next report; until then it is listed as ending.")
            .Answers<SessionRecord>(202).AnswersProblems(404).ForOperators();
    }

    private static async Task<IResult> ListAsync(HttpContext http, IFleet fleet)
    {
        var query = new QueryReader(http);
        var paging = Paging.Read(query);
        var egress = query.Text(Egress);
        IPAddress? address = null;
        int? port = null;
        if (egress is not null && !TryParseEgress(egress, out address, out port))
            query.Errors.Add(Egress.Name, "not ADDR, ADDR:PORT or [ADDR]:PORT");
        var at = query.Time(At);
        if (at is not null && port is null)
            query.Errors.Add(At.Name, "of no use without a port in egress");
        var wanted = new SessionQuery
        {
            Node = query.Text(Node),
            Identity = query.Text(Identity),
            EgressAddress = address?.ToString(),
            EgressPort = port,
            At = at,
            Limit = paging.Limit,
            Cursor = paging.Cursor,
        };
        query.ThrowIfWrong();
        return Answer.Ok(
            await fleet.ListSessionsAsync(wanted, http.RequestAborted).ConfigureAwait(false),
            FleetJson.Of<Page<SessionRecord>>());
    }

    private static bool TryParseEgress(string text, out IPAddress? address, out int? port)
    {
        port = null;
        if (IPAddress.TryParse(text, out address) && !text.Contains('[', StringComparison.Ordinal))
            return true;
        var colon = text.LastIndexOf(':');
        var number = 0;
        if (colon < 0 || !IPAddress.TryParse(text[..colon], out address)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            || number is < 1 or > ushort.MaxValue)
            return false;
        port = number;
        return true;
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, IFleet fleet) =>
        await fleet.GetSessionAsync(id, http.RequestAborted).ConfigureAwait(false) is { } session
            ? Answer.Ok(session, FleetJson.Of<SessionRecord>())
            : Answer.NotFound("there is no session of that id; it may have ended");

    private static async Task<IResult> EndAsync(string id, HttpContext http, IFleet fleet)
    {
        var result = await fleet.EndSessionAsync(id, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static session => Answer.Accepted(
            session, FleetJson.Of<SessionRecord>(), $"/v1/sessions/{Uri.EscapeDataString(session.Id)}"));
    }
}
