using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;

namespace Relay.Admin.Hosting;

/// <summary>
/// The way of a node's report, which is most of what a coordinator is asked: its token, its rate, and the answer. Whatever is out of the
/// ordinary, or is not the node's to send, goes the way of all requests, and is refused there.
/// </summary>
internal sealed class ReportWay(
    RequestDelegate next, BearerTokens tokens, RequestRates rates, IFleet fleet, NodeProcesses processes, ReportBudget budget,
    Refusals refusals, AuditLog audit, AdminMeter meter)
{
    /// <summary>Answers a report; passes on all else.</summary>
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IsReport>() is null || http.Request.QueryString.HasValue
        || http.Request.RouteValues["id"] is not string node
            ? next(http) : AnswerAsync(http, node);

    private async Task AnswerAsync(HttpContext http, string node)
    {
        if (await tokens.FindAsync(http).ConfigureAwait(false) is not { } caller || !caller.MaySpeakFor(node))
        {
            await next(http).ConfigureAwait(false);
            return;
        }
        var begun = Stopwatch.GetTimestamp();
        var account = RequestGate.AccountOf(http, processes);
        RequestGate.Know(http, account);
        if (rates.TryPass(account) is { } refusal)
        {
            await ProblemResult.WriteAsync(http, refusal).ConfigureAwait(false);
            meter.OnReport(begun, ReportAnswer.Refused);
            return;
        }
        var answer = await ReportsResource.PostAsync(node, http, fleet, processes, budget, refusals, audit, meter).ConfigureAwait(false);
        await answer.ExecuteAsync(http).ConfigureAwait(false);
    }
}
