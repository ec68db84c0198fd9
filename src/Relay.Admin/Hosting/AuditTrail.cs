using Microsoft.AspNetCore.Http;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Admin.Resources;

namespace Relay.Admin.Hosting;

/// <summary>
/// Leaves an audit line for whatever asks for a change, done or not. Nodes' reports change nothing by themselves: those that are
/// refused leave one. Every request is counted.
/// </summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog audit, AdminMeter meter)
{
    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http).ConfigureAwait(false);
        meter.OnRequest(http);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            || HttpMethods.IsOptions(http.Request.Method)
            // Requests without a known caller have lines of their own where they showed something; those beyond a rate are counted.
            || Caller.Of(http) is null || http.Response.StatusCode == StatusCodes.Status429TooManyRequests)
            return;
        if (http.GetEndpoint()?.Metadata.GetMetadata<IsReport>() is null)
            audit.Changed(http);
        else if (http.Response.StatusCode is >= 400 and < 500)
            audit.ReportRefused(http);
    }
}
