namespace Relay.Admin.Enrolments;

/// <summary>What the path of a request for the page of an enrolment said; a feature of the request, whose path has nothing of it.</summary>
/// <param name="Token">What may be a token: a secret.</param>
/// <param name="Part">What comes after it; empty for the page.</param>
internal sealed record EnrolRequest(string Token, string Part)
{
    /// <summary>What the request is named in logs.</summary>
    public const string Path = EnrolPlace.Path + "…";

    /// <summary>The part that makes a profile for Apple's devices.</summary>
    public const string ProfilePart = "/profile";

    /// <summary>
    /// Reads a path, whatever a proxy has left before it; null where it is none of these. A slash after the token is a part of its own:
    /// from there the page's form would lead elsewhere.
    /// </summary>
    public static EnrolRequest? Of(string path)
    {
        var at = path.LastIndexOf(EnrolPlace.Path, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var rest = path[(at + EnrolPlace.Path.Length)..];
        var end = rest.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? new EnrolRequest(rest, "") : new EnrolRequest(rest[..end], rest[end..]);
    }

    /// <summary>Not what it is: it goes into no log.</summary>
    public override string ToString() => Path;
}
