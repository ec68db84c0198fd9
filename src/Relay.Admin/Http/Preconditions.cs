using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Relay.Admin.Http;

/// <summary>
/// Conditional requests (RFC 9110 §13) on what is edited. An entity tag is the version of a definition and, where an
/// answer also tells what changes by itself, a digest of that after a tilde: <c>"VERSION"</c>, <c>"VERSION~REST"</c>. A
/// change looks at the version alone.
/// </summary>
internal static class Preconditions
{
    private const char Separator = '~';

    /// <summary>The entity tag of an answer.</summary>
    /// <param name="version">The definition's version.</param>
    /// <param name="rest">What else the answer tells; empty for nothing.</param>
    public static string TagOf(string version, string rest = "") =>
        rest.Length == 0 ? $"\"{version}\"" : $"\"{version}{Separator}{rest}\"";

    /// <summary>Whether a GET's client has this answer already.</summary>
    public static bool IsKnown(HttpContext http, string tag) =>
        EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known)
        && known.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any)
            || candidate.Compare(new EntityTagHeaderValue(tag), useStrongComparison: false));

    /// <summary>The version that a change must find: empty for none at all, null for any or none.</summary>
    /// <param name="http">The request.</param>
    /// <param name="currentVersion">Gives the version that there is now; null for none.</param>
    /// <exception cref="ProblemException">The condition cannot hold, or makes no sense.</exception>
    public static async ValueTask<string?> ExpectedVersionAsync(
        HttpContext http, Func<ValueTask<string?>> currentVersion)
    {
        var match = http.Request.Headers.IfMatch;
        var noneMatch = http.Request.Headers.IfNoneMatch;
        if (match.Count > 0 && noneMatch.Count > 0)
            throw new ProblemException(Problem.Invalid("If-None-Match", "not together with If-Match"));
        if (noneMatch.Count > 0)
            return noneMatch == "*" ? "" : throw new ProblemException(
                Problem.Invalid("If-None-Match", "a change takes only *: it must not be there"));
        if (match.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList(match, out var tags))
            throw new ProblemException(Problem.Invalid("If-Match", "not * or entity tags in their quotes"));
        // §13.1.1: If-Match compares strongly, and a weak tag is never strongly equal.
        var versions = tags.Where(static tag => !tag.IsWeak).Select(static tag => VersionOf(tag.Tag.ToString()))
            .ToList();
        var isAny = tags.Any(static tag => tag.Equals(EntityTagHeaderValue.Any));
        if (!isAny && versions.Count == 1)
            return versions[0];
        var current = await currentVersion().ConfigureAwait(false);
        return current is not null && (isAny || versions.Contains(current))
            ? current
            : throw new ProblemException(Problem.Of(
                StatusCodes.Status412PreconditionFailed, "it is not there, or was changed since it was read"));
    }

    private static string VersionOf(string tag)
    {
        var inner = tag.Trim('"');
        var end = inner.IndexOf(Separator, StringComparison.Ordinal);
        return end < 0 ? inner : inner[..end];
    }
}

/// <summary>Marks routes that take <c>If-Match</c> and <c>If-None-Match</c>, for the API's description.</summary>
internal sealed record TakesPreconditions;
