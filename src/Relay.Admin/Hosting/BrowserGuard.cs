using System.Net;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Http;
using Relay.Admin.Identity;

namespace Relay.Admin.Hosting;

/// <summary>
/// Keeps pages of other origins, which a browser on this machine may show, from using the API. No cookie is ever set,
/// so that with tokens such a page has nothing to use; without tokens the network position alone would be the
/// credential.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, TokenSource tokens)
{
    /// <summary>Lets a request through, or answers why not.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        // DNS rebinding: a name of the attacker's that has come to mean this machine. It is seen in Host, which no page
        // can set.
        if (tokens.Current is null && !IsLoopbackHost(http.Request.Host))
            return ProblemResult.WriteAsync(http, Problem.Of(StatusCodes.Status421MisdirectedRequest,
                "without tokens only localhost, 127.0.0.1 and [::1] are answered for"));
        if (PageOrigin.IsForeign(http.Request))
            return ProblemResult.WriteAsync(http, Problem.Of(StatusCodes.Status403Forbidden,
                "the request comes from a page of another origin"));
        return next(http);
    }

    private static bool IsLoopbackHost(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
