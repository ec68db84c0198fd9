using Relay.Node.Counters;
using Relay.Node.Tokens;

namespace Relay.Node.Credentials;

/// <summary>
/// Verifies tokens of an issuer off the loop. One that names a key which is not known waits for the keys to be had anew:
/// an issuer may sign by a key as soon as it has published it.
/// </summary>
internal sealed class JwtVerifier(JwtAuthority authority, PendingVerifications pending)
{
    /// <summary>Begins a verification, or joins one.</summary>
    /// <param name="set">What else is accepted: for the challenges.</param>
    /// <param name="token">What the client shows.</param>
    /// <param name="source">Whose attempt it is.</param>
    /// <param name="waiter">Told when the result is pending.</param>
    public AuthenticationResult Begin(
        CredentialSet set, ReadOnlySpan<byte> token, ulong source, IAuthenticationWaiter waiter)
    {
        var key = authority.KeyOf(token);
        return authority.FindVerified(key) is { } name
            ? Accepted(set, name)
            : pending.Begin(
                key, AuthenticationKind.Bearer, token, source, waiter, copy => Verify(set, key, copy, source, mayWait: true));
    }

    private void Verify(CredentialSet set, UInt128 key, byte[] token, ulong source, bool mayWait)
    {
        var verdict = authority.Verify(key, token);
        if (mayWait && verdict.Fault is (JwtFault.UnknownKey or JwtFault.NoKeys)
            && authority.Renewal?.TryAwait(() => VerifyAgain(set, key, token, source)) == true)
            return;
        pending.Complete(key, source, verdict switch
        {
            { Token: { } verified } => Accepted(set, verified.Name),
            { Fault: JwtFault.NoKeys } => new(AuthenticationOutcome.Busy, AuthenticationKind.Bearer),
            _ => new(AuthenticationOutcome.Denied, AuthenticationKind.Bearer, Challenges: set.ChallengesAfterToken),
        });
    }

    private void VerifyAgain(CredentialSet set, UInt128 key, byte[] token, ulong source)
    {
        if (!pending.TryGoOn(() => Verify(set, key, token, source, mayWait: false)))
            pending.Complete(key, source, new(AuthenticationOutcome.Busy, AuthenticationKind.Bearer));
    }

    private static AuthenticationResult Accepted(CredentialSet set, string name) =>
        new(AuthenticationOutcome.Accepted, AuthenticationKind.Bearer, name, set.Challenges) { IsIssued = true };
}
