using System.Collections.Frozen;

namespace Relay.Node.Sessions;

/// <summary>Whose quota of a month is used up. Immutable; replaced as a whole.</summary>
/// <param name="Identities">By <see cref="SessionIdentity.Text"/>.</param>
/// <param name="RetryAfterSeconds">How long it is of no use to try again.</param>
internal sealed record SpentQuota(FrozenSet<string> Identities, int RetryAfterSeconds)
{
    /// <summary>Nobody's.</summary>
    public static SpentQuota None { get; } = new(FrozenSet<string>.Empty, 0);
}
