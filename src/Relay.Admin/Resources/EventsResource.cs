using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Events;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/events</c>: what happens in the fleet and is done to it, as it happens, and what did.</summary>
internal static class EventsResource
{
    /// <summary>The header field in which a client names the last event that it has.</summary>
    public const string PositionField = "Last-Event-ID";

    private const int MaxPosition = 128;

    private static readonly QueryParameter Kind = new("kind", "Only events of this kind; may be given more than once.")
    {
        IsRepeatable = true,
        Choices = ["node", "drain", "lease", "rate", "user", "action", "refusal"],
    };

    private static readonly QueryParameter KeptKind = Kind with { Choices = [.. Kind.Choices!.Where(static kind => kind != "rate")] };

    private static readonly QueryParameter Subject =
        new("subject", "Only what is about a node, drain, pool, user, session or identity of exactly this name.") { MaxLength = 256, Example = "edge-1" };

    private static readonly QueryParameter Actor =
        new("actor", "Only what a token, or a user, of exactly this name did.") { MaxLength = 256, Example = "otto" };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events", GetAsync)
            .WithName("readEvents").WithTags("Events").WithSummary("Events as they happen (server-sent events)")
            .WithDescription("""
                Events are named node, drain, lease, rate, user, action and refusal; `data` is one JSON object. With `Last-Event-ID` the stream
                goes on after that event, over restarts as well as far as the history has it; where too much has happened since, an event
                named `gap` comes first: what was known is out of date, and is to be asked for anew. A comment comes at least every 15
                seconds.
                """)
            .Takes(Kind).WithMetadata(new TakesPosition())
            .Produces<FleetEvent>(200, "text/event-stream").AnswersProblems().DisableRequestTimeout();
        routes.MapGet("/events/history", GetHistoryAsync)
            .WithName("readHistory").WithTags("Events").WithSummary("The last thousand events and actions, newest first")
            .WithDescription("""
                What happened in the fleet, who has changed what (`action`), and who was refused (`refusal`), over restarts. Half of them are
                kept for actions, however much else happens. A viewer sees neither refusals nor, of actions, `source` and `detail`.
                """)
            .Takes(KeptKind, Subject, Actor, QueryParameter.Limit, QueryParameter.Cursor)
            .Answers<EventPage>().Compresses().AnswersProblems();
    }

    private static async Task<IResult> GetAsync(HttpContext http, EventStream stream, EventSlots slots)
    {
        var query = new QueryReader(http);
        var kinds = Kinds(query, Kind).ToHashSet();
        var position = http.Request.Headers[PositionField].ToString();
        if (position.Length > MaxPosition || position.Any(static c => c is <= ' ' or > '~'))
            query.Errors.Add(PositionField, "not the id of an event");
        query.ThrowIfWrong();
        if (Refuse(http, kinds) is { } refusal)
            return refusal;
        var account = Caller.AccountOf(http);
        if (!slots.TryTake(account))
            return new ProblemResult(
                Problem.Unavailable("too many readers of the event stream") with { RetryAfterSeconds = 10 });
        try
        {
            await stream.WriteAsync(http, position.Length == 0 ? null : position, kinds).ConfigureAwait(false);
        }
        finally
        {
            slots.GiveBack(account);
        }
        return Results.Empty;
    }

    private static async Task<IResult> GetHistoryAsync(HttpContext http, IFleet fleet)
    {
        var query = new QueryReader(http);
        var paging = Paging.Read(query);
        var kinds = Kinds(query, KeptKind).ToList();
        long before = 0;
        if (paging.Cursor is not null && !long.TryParse(paging.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
            query.Errors.Add(QueryParameter.Cursor.Name, "not from an earlier part of this list");
        var wanted = new EventQuery
        {
            Subject = query.Text(Subject),
            Actor = query.Text(Actor),
            Limit = paging.Limit,
            Before = paging.Cursor is null ? null : before,
        };
        query.ThrowIfWrong();
        if (Refuse(http, kinds) is { } refusal)
            return refusal;
        // Not left out afterwards: a part would be shorter by as many as nobody is to know of.
        if (EventSight.IsLimited(http) && kinds.Count == 0)
            kinds = Enum.GetValues<FleetEventKind>().Where(static kind => kind != FleetEventKind.Refusal).ToList();
        var page = await fleet.ReadHistoryAsync(wanted with { Kinds = kinds }, http.RequestAborted).ConfigureAwait(false);
        return Answer.Ok(
            page with { Items = [.. page.Items.Select(item => EventSight.Of(http, item)).OfType<FleetEvent>()] }, FleetJson.Of<EventPage>());
    }

    private static IEnumerable<FleetEventKind> Kinds(QueryReader query, QueryParameter parameter) =>
        query.Texts(parameter).Select(static name => Enum.Parse<FleetEventKind>(name, ignoreCase: true));

    private static ProblemResult? Refuse(HttpContext http, IEnumerable<FleetEventKind> kinds) =>
        EventSight.IsLimited(http) && kinds.Contains(FleetEventKind.Refusal)
            ? Answer.Forbidden(http, "operators alone see who was refused") : null;
}

/// <summary>Marks the route that takes <c>Last-Event-ID</c>, for the API's description.</summary>
internal sealed record TakesPosition;
