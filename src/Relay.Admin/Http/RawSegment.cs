using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Admin.Http;

/// <summary>
/// The end of a path as its client meant it. The server leaves <c>%2F</c> as it is in paths and decodes the rest, after
/// which nobody can tell it from <c>%252F</c>; prefixes and identities have slashes.
/// </summary>
internal static class RawSegment
{
    /// <summary>What comes after a part of the path, decoded.</summary>
    /// <param name="http">The request.</param>
    /// <param name="after">The part, with the slash at its end.</param>
    /// <param name="decoded">What the router made of it, for a target that is written in an unusual way.</param>
    public static string After(HttpContext http, string after, string decoded)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var end = target.IndexOf('?', StringComparison.Ordinal);
        var path = end < 0 ? target : target[..end];
        var start = path.IndexOf(after, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? decoded : Uri.UnescapeDataString(path[(start + after.Length)..]);
    }
}
