using Microsoft.AspNetCore.Http;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Admin.Resources;

namespace Relay.Admin.Hosting;

/// <summary>
/// Leaves an audit line for whatever asks for a change, done or not. Nodes' reports change nothing by themselves.
/// </summary>
internal sealed class AuditTrail(RequestDelegate next, AuditLog audit)
{
    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        await next(http).ConfigureAwait(false);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)
            || HttpMethods.IsOptions(http.Request.Method)
            || http.GetEndpoint()?.Metadata.GetMetadata<IsReport>() is not null)
            return;
        // Requests without a known caller have lines of their own where they showed something.
        if (Caller.Of(http) is not null)
            audit.Changed(http);
    }
}
