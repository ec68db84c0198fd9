using System.Security.Cryptography;
using Relay.Node.Counters;

namespace Relay.Node.Credentials;

/// <summary>Verifies passwords off the loop.</summary>
internal sealed class PasswordVerifier(PendingVerifications pending)
{
    /// <summary>Begins a verification, or joins one.</summary>
    /// <param name="set">What they are compared with.</param>
    /// <param name="credentials">A name, a colon and a password.</param>
    /// <param name="colon">Where the name ends.</param>
    /// <param name="source">Whose attempt it is.</param>
    /// <param name="waiter">Told when the result is pending.</param>
    public AuthenticationResult Begin(
        CredentialSet set, ReadOnlySpan<byte> credentials, int colon, ulong source, IAuthenticationWaiter waiter)
    {
        var passwords = set.Passwords!;
        var key = passwords.KeyOf(credentials);
        return passwords.FindVerified(key) is { } name
            ? Accepted(set, name)
            : pending.Begin(
                key, AuthenticationKind.Basic, credentials, source, waiter, copy => Verify(set, key, copy, colon, source));
    }

    private void Verify(CredentialSet set, UInt128 key, byte[] credentials, int colon, ulong source)
    {
        var name = set.Passwords!.Verify(key, credentials, colon);
        CryptographicOperations.ZeroMemory(credentials);
        pending.Complete(key, source, name is not null
            ? Accepted(set, name)
            : new(AuthenticationOutcome.Denied, AuthenticationKind.Basic, Challenges: set.Challenges));
    }

    private static AuthenticationResult Accepted(CredentialSet set, string name) =>
        new(AuthenticationOutcome.Accepted, AuthenticationKind.Basic, name, set.Challenges);
}
