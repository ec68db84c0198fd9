using Microsoft.AspNetCore.Http;

namespace Relay.Admin.Hosting;

/// <summary>The header fields that every answer carries, whatever it is.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string ContentSecurityPolicy =
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <summary>Sets them before the answer begins.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        Set(http, ContentSecurityPolicy);
        return next(http);
    }

    /// <summary>Sets them.</summary>
    /// <param name="http">The request.</param>
    /// <param name="policy">What pages may do (CSP).</param>
    public static void Set(HttpContext http, string policy)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // What a route does not say otherwise about is not for any cache: it may hold what only this caller may see.
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
    }
}
