using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Json;
using Relay.Fleet.State;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/fleet/state</c>: all that the fleet remembers, for backups, moves and disasters.</summary>
internal static class FleetStateResource
{
    /// <summary>The largest document, in bytes: what a fleet of as many nodes and users as there may be gives out fits.</summary>
    public const int MaxLength = 128 << 20;

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/fleet/state", ExportAsync)
            .WithName("exportFleet").WithTags("Fleet").WithSummary("All that the fleet remembers, as one document")
            .WithDescription("""
                Pools with their leases, limits, users with what their secrets hash to, drains and who is in them, nodes by name. Of drains that are over, the newest.
                For `PUT` to this path, of this fleet or another; its fields are of a version, and not for others to make.
                """)
            .Answers<FleetState>().AnswersProblems().ForOperators();
        routes.MapPut("/fleet/state", ImportAsync)
            .WithName("importFleet").WithTags("Fleet").WithSummary("Adds what a document has and the fleet has not")
            .WithDescription("""
                What is the same here is left. Where something of that name is another here, or cannot be beside what is here, 409
                names it, and nothing changes. Pools that are added renew for a lease time what nodes say they hold, and grant nothing;
                drains that ran go on. The same document again adds nothing.
                """)
            .TakesBody<FleetState>()
            .Answers<FleetImport>().AnswersProblems(409, 413, 415).ForOperators();
    }

    private static async Task<IResult> ExportAsync(HttpContext http, IFleetBackup fleet)
    {
        var document = FleetStateJson.Write(await fleet.ExportAsync(http.RequestAborted).ConfigureAwait(false));
        return document.Length <= MaxLength ? Results.Bytes(document, "application/json") : new ProblemResult(Problem.Unavailable(
            $"the document has {document.Length} bytes, and an import takes {MaxLength}: cancel or undrain drains that are not over"));
    }

    private static async Task<IResult> ImportAsync(HttpContext http, IFleetBackup fleet)
    {
        using var body = await RequestBody.ReadBytesAsync(http, MaxLength, isGzipAllowed: true).ConfigureAwait(false);
        if (FleetStateJson.Read(body.Bytes, out var faults) is not { } state)
        {
            var errors = new FieldErrors();
            foreach (var (place, detail) in faults)
                errors.Add(place, detail);
            return new ProblemResult(Problem.Invalid(errors));
        }
        var result = await fleet.ImportAsync(state, http.RequestAborted).ConfigureAwait(false);
        return result.ToAnswer(static import => Answer.Ok(import, FleetJson.Of<FleetImport>()));
    }
}
