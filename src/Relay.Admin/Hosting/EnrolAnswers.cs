using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Enrolments;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Hosting;

/// <summary>The header fields of the pages of enrolments, and what is answered where something fails.</summary>
internal sealed class EnrolAnswers(RequestDelegate next, ILogger<EnrolAnswers> log, TimeProvider clock)
{
    private readonly FirstOfKind _first = new(clock);

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        http.Features.Get<ClientConnection>()?.OnRequest(null);
        SecurityHeaders.Set(http, EnrolHtml.ContentSecurityPolicy);
        try
        {
            await next(http).ConfigureAwait(false);
            if (http.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
                await ProblemAsync(http, http.Response.StatusCode).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await ProblemAsync(http, StatusOf(http, e)).ConfigureAwait(false);
        }
    }

    private int StatusOf(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case BadHttpRequestException e:
                return e.StatusCode;
            case FleetUnavailableException e:
                if (_first.TryPass("unavailable", "", out var held))
                    Log.FleetUnavailable(log, e.Message, FirstOfKind.More(held));
                return StatusCodes.Status503ServiceUnavailable;
            default:
                if (_first.TryPass($"defect {exception.GetType().Name}", Caller.SourceOf(http), out var others))
                    Log.Defect(log, AuditLog.How(http), EnrolRequest.Path, FirstOfKind.More(others), exception);
                return StatusCodes.Status500InternalServerError;
        }
    }

    private static Task ProblemAsync(HttpContext http, int status)
    {
        // A timeout has taken them away.
        SecurityHeaders.Set(http, EnrolHtml.ContentSecurityPolicy);
        return EnrolEndpoint.WriteAsync(http, status, status < 500
            ? OfferPage.Problem("Not in this way", "Open the link that you were given.")
            : http.Features.Get<EnrolRequest>()?.Part == EnrolRequest.ProfilePart
                ? OfferPage.Problem("It does not answer", "Go back to the page with the button, and press it again in a moment.")
                : OfferPage.Problem(
                    "It does not answer", "Open the link again in a moment: it says whether it can still be used."));
    }
}
