using Relay.Hosting.Credentials;
using Relay.Node.Counters;

namespace Relay.Node.Credentials;

/// <summary>
/// Verifications off the loop. Requests with the same credentials, as a client that opens many tunnels at once sends
/// them, wait for one. Bounded by source, and by the queue.
/// </summary>
internal sealed class PendingVerifications(IVerificationQueue queue, FailureLimiter<ulong> limiter)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, List<IAuthenticationWaiter>> _pending = [];

    /// <summary>Begins a verification, or joins one.</summary>
    /// <param name="key">The same for the same credentials.</param>
    /// <param name="kind">Of what kind they are.</param>
    /// <param name="credentials">They; copied.</param>
    /// <param name="source">Whose attempt it is.</param>
    /// <param name="waiter">Told when the result is pending.</param>
    /// <param name="verify">Verifies the copy, and sees to it that <see cref="Complete"/> is called.</param>
    public AuthenticationResult Begin(
        UInt128 key, AuthenticationKind kind, ReadOnlySpan<byte> credentials, ulong source, IAuthenticationWaiter waiter,
        Action<byte[]> verify)
    {
        lock (_gate)
        {
            if (_pending.TryGetValue(key, out var waiters))
            {
                waiters.Add(waiter);
                return new(AuthenticationOutcome.Pending, kind);
            }
            // Taken now and given back if they are right: no source fills the queue.
            if (!limiter.TryTake(source))
                return new(AuthenticationOutcome.Limited, kind);
            var copy = credentials.ToArray();
            if (!queue.TryEnqueue(() => verify(copy)))
            {
                limiter.GiveBack(source);
                return new(AuthenticationOutcome.Busy, kind);
            }
            _pending.Add(key, [waiter]);
            return new(AuthenticationOutcome.Pending, kind);
        }
    }

    /// <summary>Verifies something later that has begun.</summary>
    /// <returns>False when too many wait.</returns>
    public bool TryGoOn(Action verification) => queue.TryEnqueue(verification);

    /// <summary>Tells all that wait. What is not denied costs its source nothing.</summary>
    public void Complete(UInt128 key, ulong source, in AuthenticationResult result)
    {
        if (result.Outcome != AuthenticationOutcome.Denied)
            limiter.GiveBack(source);
        List<IAuthenticationWaiter>? waiters;
        lock (_gate)
            _pending.Remove(key, out waiters);
        foreach (var waiter in waiters!)
            waiter.OnVerified(result);
    }
}
