using System.Security.Cryptography;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;

namespace Relay.Node.Credentials;

/// <summary>
/// Verifies passwords off the loop. Requests with the same credentials, as a client that opens many tunnels at once
/// sends them, wait for one verification.
/// </summary>
internal sealed class PasswordVerifier(IVerificationQueue queue, FailureLimiter<ulong> limiter)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, List<IAuthenticationWaiter>> _pending = [];

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
        if (passwords.FindVerified(key) is { } name)
            return Accepted(set, name);
        lock (_gate)
        {
            if (_pending.TryGetValue(key, out var waiters))
            {
                waiters.Add(waiter);
                return new(AuthenticationOutcome.Pending, AuthenticationKind.Basic);
            }
            // Taken now and given back if the password is right: no source fills the queue.
            if (!limiter.TryTake(source))
                return new(AuthenticationOutcome.Limited, AuthenticationKind.Basic);
            var copy = credentials.ToArray();
            if (!queue.TryEnqueue(() => Verify(set, key, copy, colon, source)))
            {
                limiter.GiveBack(source);
                return new(AuthenticationOutcome.Busy, AuthenticationKind.Basic);
            }
            _pending.Add(key, [waiter]);
            return new(AuthenticationOutcome.Pending, AuthenticationKind.Basic);
        }
    }

    private void Verify(CredentialSet set, UInt128 key, byte[] credentials, int colon, ulong source)
    {
        var name = set.Passwords!.Verify(key, credentials, colon);
        CryptographicOperations.ZeroMemory(credentials);
        if (name is not null)
            limiter.GiveBack(source);
        var result = name is not null
            ? Accepted(set, name)
            : new(AuthenticationOutcome.Denied, AuthenticationKind.Basic, Challenges: set.Challenges);
        List<IAuthenticationWaiter>? waiters;
        lock (_gate)
            _pending.Remove(key, out waiters);
        foreach (var waiter in waiters!)
            waiter.OnVerified(result);
    }

    private static AuthenticationResult Accepted(CredentialSet set, string name) =>
        new(AuthenticationOutcome.Accepted, AuthenticationKind.Basic, name, set.Challenges);
}
