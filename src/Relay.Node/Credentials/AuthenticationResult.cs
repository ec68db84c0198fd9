using Relay.Node.Counters;
using Relay.Node.Users;

namespace Relay.Node.Credentials;

/// <summary>What became of a request's credentials.</summary>
internal enum AuthenticationOutcome
{
    /// <summary>They are good, or none are needed.</summary>
    Accepted,

    /// <summary>They are being verified; the waiter is told.</summary>
    Pending,

    /// <summary>They are wrong or absent: 407, or as the operator has it 401, with the challenges.</summary>
    Denied,

    /// <summary>Too many wrong ones from this source: 429.</summary>
    Limited,

    /// <summary>Too many are being verified: 503.</summary>
    Busy,
}

/// <summary>The answer to a request's credentials.</summary>
/// <param name="Outcome">What became of them.</param>
/// <param name="Kind">What the request showed.</param>
/// <param name="Name">The name of the credential or the user, or whose a token is, where one was accepted.</param>
/// <param name="Challenges">
/// Values of <c>Proxy-Authenticate</c> or <c>WWW-Authenticate</c>: for where it is denied, or is another's than the session's.
/// </param>
internal readonly record struct AuthenticationResult(
    AuthenticationOutcome Outcome, AuthenticationKind Kind, string? Name = null, string[]? Challenges = null)
{
    /// <summary>What was shown, where it is the secret of one of the fleet's users.</summary>
    public SecretHash? UserSecret { get; init; }

    /// <summary>Whether the name is that of an issuer's token.</summary>
    public bool IsIssued { get; init; }
}

/// <summary>Waits for credentials to be verified.</summary>
internal interface IAuthenticationWaiter
{
    /// <summary>They are. Called on any thread.</summary>
    void OnVerified(AuthenticationResult result);
}
