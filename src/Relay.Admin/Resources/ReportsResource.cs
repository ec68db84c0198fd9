using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/nodes/{id}/reports</c>: what nodes say of themselves, and hear in answer.</summary>
internal static class ReportsResource
{
    /// <summary>The largest report, in bytes: compressed and as it is.</summary>
    public const int MaxLength = 4 << 20;

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/nodes/{id}/reports", PostAsync)
        .WithName("reportNode").WithTags("Reports").WithSummary("Takes a node's report; answers with its directive")
        .WithDescription("""
            For nodes, once a second. The token's name must be the node's, or a pattern that fits it: then another process
            is given the name only at the source that the node was last heard of from, until that leaves or is silent. The body may
            be compressed with gzip. Three a second, one at a time, 4 MiB a second for long, 256 KiB without sessions and identities: 413 and 429.
            The same report twice changes nothing. While another process reports under the node's
            name the answer is 409 with Retry-After: that one keeps the name until it leaves or has missed three reports.
            A coordinator that does not reach who decides for the node, within standInAfterMilliseconds, answers in its place
            with isStandIn: the node keeps what it has, and nothing is renewed.
            """)
        .TakesBody<NodeReport>()
        .Answers<NodeDirective>().AnswersProblems(409, 413, 415)
        .WithMetadata(new IsReport()).RequireAuthorization(Policies.Node);

    /// <summary>Takes a report of a caller who is known.</summary>
    internal static async Task<IResult> PostAsync(
        string id, HttpContext http, IFleet fleet, NodeProcesses processes, ReportBudget budget, Refusals refusals,
        AuditLog audit, AdminMeter meter)
    {
        var (begun, answer, isTaken) = (Stopwatch.GetTimestamp(), ReportAnswer.Refused, false);
        var caller = Caller.Of(http);
        // By where it comes from as well: who has the token elsewhere cannot keep the node from reporting.
        var sender = new Account(AccountKind.Node, id, Caller.SourceOf(http));
        var origin = caller?.SenderOf(http);
        Account? token = origin is { } many ? new Account(AccountKind.Token, many.Token, many.Source) : null;
        var most = RequestBody.MostOf(http, MaxLength);
        var scan = new ReportScan();
        try
        {
            if (caller?.MaySpeakFor(id) != true)
                return Answer.Forbidden(http, "the token is for another node's reports");
            if (budget.TryEnter(sender, token, most) is { } refusal)
                return new ProblemResult(refusal);
            isTaken = true;
            NodeReport report;
            using (var body = await RequestBody.ReadBytesAsync(http, MaxLength, isGzipAllowed: true, scan).ConfigureAwait(false))
                report = Parse(body.Bytes.Span);
            if (report.Node != id)
                return new ProblemResult(Problem.Invalid("node", "not the node of the path"));
            answer = ReportAnswer.Failed;
            var directive = await fleet.ReportAsync(report.Sender == origin ? report : report with { Sender = origin }, http.RequestAborted)
                .ConfigureAwait(false);
            answer = directive.IsStandIn ? ReportAnswer.StandIn : ReportAnswer.Decided;
            // A stand-in does not know whose the name is.
            if (!directive.IsStandIn && processes.Note(report, Caller.SourceOf(http)) is { } before)
                audit.NameTaken(http, report.Node, report.Incarnation, before);
            return Answer.Ok(directive, FleetJson.Of<NodeDirective>());
        }
        catch (Exception e) when (e is NodeNameTakenException or FleetRejectedException)
        {
            answer = ReportAnswer.Refused;
            throw;
        }
        catch (ProblemException e) when (e.Problem.Status == StatusCodes.Status413PayloadTooLarge)
        {
            refusals.Count(Refusal.ReportSize);
            throw;
        }
        finally
        {
            if (isTaken)
                budget.Leave(sender, token, most, scan.Cost);
            meter.OnReport(begun, answer);
        }
    }

    /// <summary>
    /// Reads a report. Unlike what operators send, it may have fields that are not known here: nodes and coordinators are
    /// upgraded one after the other.
    /// </summary>
    /// <exception cref="ProblemException">It is none.</exception>
    internal static NodeReport Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ReportJson.Contract)
                ?? throw new ProblemException(Problem.Invalid("", "a JSON object is wanted"));
        }
        catch (JsonException exception)
        {
            var path = exception.Path is ['$', '.', .. var field] ? field : "";
            throw new ProblemException(Problem.Invalid(path, JsonBody.Sentence(exception.Message)));
        }
    }
}

/// <summary>Marks the route of nodes' reports.</summary>
internal sealed record IsReport;
