using Relay.Admin.Diagnostics;

namespace Relay.Admin.Enrolments;

/// <summary>Where users come by their enrolments.</summary>
/// <param name="Url">What links begin with, without a slash at its end; null where this coordinator serves none.</param>
internal sealed record EnrolPlace(string? Url)
{
    /// <summary>What comes before a token in a path.</summary>
    public const string Path = AuditLog.SecretPath;

    /// <summary>The link of a token.</summary>
    public string LinkOf(EnrolmentToken token) => Url + Path + token.Text;
}
