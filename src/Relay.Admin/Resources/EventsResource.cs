using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Events;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/events</c>: what happens in the fleet, as it happens.</summary>
internal static class EventsResource
{
    /// <summary>The header field in which a client names the last event that it has.</summary>
    public const string PositionField = "Last-Event-ID";

    private const int MaxPosition = 128;

    private static readonly QueryParameter Kind = new("kind", "Only events of this kind; may be given more than once.")
    {
        IsRepeatable = true,
        Choices = ["node", "drain", "lease", "rate", "user"],
    };

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/events", GetAsync)
        .WithName("readEvents").WithTags("Events").WithSummary("Events as they happen (server-sent events)")
        .WithDescription("""
            Events are named node, drain, lease, rate and user; `data` is one JSON object. With `Last-Event-ID` the stream goes on
            after that event; where too much has happened since, an event named `gap` comes first: what was known is out of
            date, and is to be asked for anew. A comment comes at least every 15 seconds.
            """)
        .Takes(Kind).WithMetadata(new TakesPosition())
        .Produces<FleetEvent>(200, "text/event-stream").AnswersProblems().DisableRequestTimeout();

    private static async Task<IResult> GetAsync(HttpContext http, EventStream stream, EventSlots slots)
    {
        var query = new QueryReader(http);
        var kinds = query.Texts(Kind).Select(static name => Enum.Parse<FleetEventKind>(name, ignoreCase: true))
            .ToHashSet();
        var position = http.Request.Headers[PositionField].ToString();
        if (position.Length > MaxPosition || position.Any(static c => c is <= ' ' or > '~'))
            query.Errors.Add(PositionField, "not the id of an event");
        query.ThrowIfWrong();
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
}

/// <summary>Marks the route that takes <c>Last-Event-ID</c>, for the API's description.</summary>
internal sealed record TakesPosition;
