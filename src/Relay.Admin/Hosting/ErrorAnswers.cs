using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Hosting;

/// <summary>
/// Makes every failure a problem: exceptions, and answers of the framework that have a status and no body.
/// </summary>
internal sealed class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> log, TimeProvider clock)
{
    private readonly FirstOfKind _first = new(clock);

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        Problem? problem;
        try
        {
            await next(http).ConfigureAwait(false);
            problem = OfStatus(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            problem = OfException(http, exception);
            // An answer that has begun cannot become another one: the connection's end says that it is not whole.
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }
        }
        if (problem is not null && !http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
            await ProblemResult.WriteAsync(http, problem).ConfigureAwait(false);
    }

    private Problem OfException(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case ProblemException e:
                return e.Problem;
            case BadHttpRequestException e:
                return Problem.Of(e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? "the body is too large" : e.Message);
            case FleetUnavailableException e:
                if (_first.TryPass("unavailable", "", out var held))
                    Log.FleetUnavailable(log, e.Message, FirstOfKind.More(held));
                return Problem.Unavailable($"{e.Message}; nothing is known to have changed");
            case NodeNameTakenException e:
                return Problem.NodeNameTaken(e.Message, e.RetryAfter);
            case FleetRejectedException { IsQuarantined: true } e:
                return Problem.Of(StatusCodes.Status403Forbidden, e.Message);
            case FleetRejectedException e:
                return Problem.Of(StatusCodes.Status400BadRequest, e.Message);
            default:
                if (_first.TryPass($"defect {exception.GetType().Name}", Caller.SourceOf(http), out var others))
                    Log.Defect(log, AuditLog.How(http), AuditLog.What(http), FirstOfKind.More(others), exception);
                return Problem.Of(StatusCodes.Status500InternalServerError, "a defect; the log has more");
        }
    }

    private static Problem? OfStatus(HttpContext http)
    {
        var status = http.Response.StatusCode;
        if (status < 400 || http.Response.HasStarted || http.Response.ContentLength > 0)
            return null;
        return Problem.Of(status, status switch
        {
            StatusCodes.Status404NotFound => "there is no such path",
            StatusCodes.Status405MethodNotAllowed => $"the path does not take {http.Request.Method}",
            _ => null,
        });
    }
}
