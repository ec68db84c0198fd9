using Microsoft.AspNetCore.Http;

namespace Relay.Admin.Http;

/// <summary>From which page of a browser a request comes.</summary>
internal static class PageOrigin
{
    /// <summary>Whether it comes from a page of another origin.</summary>
    /// <param name="request">The request.</param>
    /// <param name="authority">What the origin's own authority is beside that of <c>Host</c>, as behind a proxy; null for nothing.</param>
    /// <remarks>
    /// Fetch metadata is sent by every browser of today, to loopback as well; Origin, by older ones with what changes things.
    /// "same-site" is foreign too: other ports of localhost are the same site, and other people's programs.
    /// </remarks>
    public static bool IsForeign(HttpRequest request, string? authority = null)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "same-origin" or "none")
            return false;
        // A link or a bookmark that leads to the page itself: it changes nothing, and the page cannot be framed.
        var isVisit = request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"
            && HttpMethods.IsGet(request.Method) && !request.Path.StartsWithSegments("/v1");
        if (site.Length > 0)
            return !isVisit;
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && (uri.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
                    || uri.Authority.Equals(authority, StringComparison.OrdinalIgnoreCase)));
    }
}
