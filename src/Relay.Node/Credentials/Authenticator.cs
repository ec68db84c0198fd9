using System.Security.Cryptography;
using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Tokens;
using Relay.Node.Users;

namespace Relay.Node.Credentials;

/// <summary>
/// Decides on the credentials of requests. Tokens of the file, and what was verified before, are decided at once; a new
/// password, and a new token of an issuer, are verified off the loop. Used by every loop.
/// </summary>
internal sealed class Authenticator
{
    private readonly FailureLimiter<ulong> _limiter;
    private readonly PasswordVerifier _passwords;
    private readonly JwtVerifier? _jwt;
    private readonly TimeProvider _clock;
    private volatile CredentialSet? _set;
    private volatile UserTable _users = UserTable.Empty;

    /// <param name="set">What is accepted at first; <see langword="null"/> to ask for nothing.</param>
    /// <param name="queue">Where passwords are verified.</param>
    /// <param name="clock">The monotonic clock, and the wall clock by which users expire.</param>
    /// <param name="issuer">Whose tokens are accepted; null for nobody's.</param>
    /// <param name="issuerQueue">Where they are verified, one at a time; null for the queue of passwords.</param>
    public Authenticator(
        CredentialSet? set, IVerificationQueue queue, TimeProvider clock, JwtAuthority? issuer = null,
        IVerificationQueue? issuerQueue = null)
    {
        _set = set;
        _clock = clock;
        _limiter = new FailureLimiter<ulong>(clock, ulong.MaxValue);
        _passwords = new PasswordVerifier(new PendingVerifications(queue, _limiter));
        _jwt = issuer is null
            ? null : new JwtVerifier(issuer, new PendingVerifications(issuerQueue ?? queue, _limiter));
    }

    /// <summary>The status of a denial: 407 (RFC 9110 §15.5.8), or 401 for clients that wait for that.</summary>
    public int DeniedStatus { get; init; } = 407;

    /// <summary>
    /// Replaces what is accepted. Tunnels that are open stay; what was verified before is not taken over.
    /// </summary>
    public void Use(CredentialSet set) => _set = set;

    /// <summary>Replaces the fleet's users, where they are accepted.</summary>
    public void Use(UserTable users) => _users = users;

    /// <summary>Decides on a request.</summary>
    /// <param name="proxyAuthorization">
    /// Its <c>Proxy-Authorization</c>; where it is there, <c>Authorization</c> is not looked at.
    /// </param>
    /// <param name="authorization">
    /// Its <c>Authorization</c>: to a client of RFC 9298 the relay is an origin.
    /// </param>
    /// <param name="source">Whose wrong credentials are counted together.</param>
    /// <param name="waiter">Told when the result is pending.</param>
    public AuthenticationResult Authenticate(
        ReadOnlySpan<byte> proxyAuthorization, ReadOnlySpan<byte> authorization, ulong source,
        IAuthenticationWaiter waiter)
    {
        if (_set is not { } set)
            return new(AuthenticationOutcome.Accepted, AuthenticationKind.None);
        var kind = AuthorizationField.Read(
            proxyAuthorization.IsEmpty ? authorization : proxyAuthorization, out var credentials);
        if (credentials.IsEmpty)
            return Denied(set, kind);
        return kind switch
        {
            AuthenticationKind.Bearer when set.TakesBearer => CheckToken(set, credentials, source, waiter),
            AuthenticationKind.Basic when set.TakesBasic => CheckPassword(set, credentials, source, waiter),
            _ => Denied(set, kind),
        };
    }

    private AuthenticationResult CheckToken(
        CredentialSet set, ReadOnlySpan<byte> token, ulong source, IAuthenticationWaiter waiter)
    {
        if (set.Tokens?.Find(token) is { } name)
            return new(AuthenticationOutcome.Accepted, AuthenticationKind.Bearer, name, set.Challenges);
        if (FindUser(set, AuthenticationKind.Bearer, token) is { } user)
            return user;
        return _jwt is not null && JwtReader.IsCompact(token)
            ? _jwt.Begin(set, token, source, waiter)
            : Wrong(AuthenticationKind.Bearer, source, set.ChallengesAfterToken);
    }

    private AuthenticationResult CheckPassword(
        CredentialSet set, ReadOnlySpan<byte> credentials, ulong source, IAuthenticationWaiter waiter)
    {
        Span<byte> buffer = stackalloc byte[AuthorizationField.MaxPassword];
        try
        {
            if (!AuthorizationField.TryDecodeBasic(credentials, buffer, out var length, out var colon))
                return Denied(set, AuthenticationKind.Basic);
            if (FindUser(set, AuthenticationKind.Basic, buffer[(colon + 1)..length]) is { } user
                && Ascii.Equals(buffer[..colon], user.Name))
                return user;
            // Only what may be a password is worth its slow hash.
            return set.Passwords is null ? Wrong(AuthenticationKind.Basic, source, set.Challenges)
                : _passwords.Begin(set, buffer[..length], colon, source, waiter);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private AuthenticationResult? FindUser(CredentialSet set, AuthenticationKind kind, ReadOnlySpan<byte> shown)
    {
        if (!set.TakesUsers)
            return null;
        var secret = SecretHash.Of(shown);
        if (!_users.TryFind(secret, out var user) || user.Expires <= _clock.GetUtcNow().ToUnixTimeMilliseconds())
            return null;
        return new(AuthenticationOutcome.Accepted, kind, user.User, set.Challenges) { UserSecret = secret };
    }

    private AuthenticationResult Wrong(AuthenticationKind kind, ulong source, string[] challenges) =>
        _limiter.TryTake(source)
            ? new(AuthenticationOutcome.Denied, kind, Challenges: challenges) : new(AuthenticationOutcome.Limited, kind);

    private static AuthenticationResult Denied(CredentialSet set, AuthenticationKind kind) =>
        new(AuthenticationOutcome.Denied, kind, Challenges: set.Challenges);
}
