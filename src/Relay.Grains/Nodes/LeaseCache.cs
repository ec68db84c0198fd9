using Relay.Fleet.Contract;
using Relay.Fleet.Leases;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>
/// What one node may use of which pool, so that a report costs no call of a pool and no write: a pool is asked when the
/// node asks for something else than before, when the pool has said that something changed, and every twelfth of the
/// lease time; it puts a lease off, and writes that, every sixth. Between, what is left of a grant is answered, counted
/// from before the pool was asked.
/// </summary>
internal sealed class LeaseCache(IGrainFactory grains, GrainClock clock, FleetTimings timings)
{
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>The node's live leases; of a pool that has not answered yet, what the node says it holds.</summary>
    internal IReadOnlyList<LeaseInfo> Leases => _accounts.Count == 0
        ? [] : [.. _accounts.SelectMany(static entry => entry.Value.Answer?.Leases ?? entry.Value.Claimed)];

    /// <summary>Another process speaks for the node: what was answered to the last one does not hold.</summary>
    internal void Clear() => _accounts.Clear();

    /// <summary>Something changed in a pool: it is asked with the next report.</summary>
    internal void Invalidate(string pool)
    {
        if (_accounts.TryGetValue(pool, out var account))
            account.IsStale = true;
    }

    /// <summary>
    /// Asks the pools that have to be asked for a report; completes when they have answered. Until then what was answered
    /// before holds for as long as it says.
    /// </summary>
    internal Task AskAsync(NodeReport report)
    {
        var requests = LeaseRequest.Of(report);
        foreach (var (pool, _) in _accounts)
        {
            if (!requests.ContainsKey(pool))
                _accounts.Remove(pool);
        }
        List<Task>? asking = null;
        foreach (var (pool, request) in requests)
        {
            if (!_accounts.TryGetValue(pool, out var account))
                _accounts.Add(pool, account = new Account());
            if (account.Answer is null)
                account.Claimed = [.. request.Claims.Select(claim => new LeaseInfo
                {
                    Pool = pool, Prefix = claim.Prefix, Node = request.Node, Epoch = claim.Epoch, State = LeaseState.Held,
                    ExpiresAt = clock.Now + timings.LeaseTime,
                })];
            if (account.Asking.IsCompleted && IsDue(account, request))
                account.Asking = AskAsync(pool, account, request);
            if (!account.Asking.IsCompleted)
                (asking ??= []).Add(account.Asking);
        }
        return asking is null ? Task.CompletedTask : Task.WhenAll(asking);
    }

    /// <summary>The grants that hold now, and why there is none where one is wanted.</summary>
    internal (IReadOnlyList<LeaseGrant> Grants, IReadOnlyList<string> Faults) Read()
    {
        List<LeaseGrant>? grants = null;
        List<string>? faults = null;
        foreach (var (pool, account) in _accounts)
        {
            var passed = (long)Math.Ceiling(clock.Time.GetElapsedTime(account.AskedAt).TotalMilliseconds);
            foreach (var grant in account.Answer?.Answer.Grants ?? [])
            {
                var left = grant.DurationMilliseconds - passed;
                if (left > 0 || grant.IsReleasing)
                    (grants ??= []).Add(grant with { DurationMilliseconds = Math.Max(0, left) });
            }
            if ((account.Fault ?? account.Answer?.Answer.Fault) is { } fault)
                (faults ??= []).Add(fault);
            else if (account.Answer is null)
                (faults ??= []).Add($"the coordinator of pool {pool} does not answer");
        }
        return (grants ?? (IReadOnlyList<LeaseGrant>)[], faults ?? (IReadOnlyList<string>)[]);
    }

    private bool IsDue(Account account, LeaseRequest request) =>
        account.Answer is null || account.IsStale || account.Fault is not null
            || account.Answer.Answer.Fault is not null
        || !IsSame(account.Request, request)
        || clock.Time.GetElapsedTime(account.AskedAt) >= timings.LeaseTime / 12;

    private static bool IsSame(LeaseRequest? before, LeaseRequest now) =>
        before is not null && before.Incarnation == now.Incarnation && before.IsWanted == now.IsWanted
        && before.Claims.SequenceEqual(now.Claims) && before.Released.SequenceEqual(now.Released);

    private async Task AskAsync(string pool, Account account, LeaseRequest request)
    {
        // A grant's time counts from when the report was sent, which was before this.
        var askedAt = clock.Time.GetTimestamp();
        account.IsStale = false;
        try
        {
            var answer = await grains.GetGrain<IPrefixPoolGrain>(pool).AnswerAsync(request);
            (account.Answer, account.Request, account.AskedAt, account.Fault) = (answer, request, askedAt, null);
        }
        catch (Exception exception)
        {
            account.IsStale = true;
            account.Fault = account.Answer is null
                ? $"pool {pool} cannot answer at the moment: {exception.Message}"
                : null;
        }
    }

    private sealed class Account
    {
        internal PoolAnswer? Answer { get; set; }

        internal LeaseRequest? Request { get; set; }

        internal IReadOnlyList<LeaseInfo> Claimed { get; set; } = [];

        internal long AskedAt { get; set; }

        internal bool IsStale { get; set; }

        internal string? Fault { get; set; }

        internal Task Asking { get; set; } = Task.CompletedTask;
    }
}
