using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Node.Egress;
using Relay.Node.Options;

namespace Relay.Node.Fleet;

/// <summary>
/// Holds the node's leases on its own monotonic clock: a deadline counts from when the report began to be sent whose
/// answer granted or renewed the lease, so it comes before the grantor's, however slow the way or wrong a clock.
/// </summary>
/// <param name="config">The pools.</param>
/// <param name="own">The operator's own egress: a family that it has a source for is not leased.</param>
/// <param name="egress">What uses leases.</param>
/// <param name="hook">Told of leases; null for nobody.</param>
/// <param name="clock">Counts while the machine is suspended.</param>
/// <param name="log">Where to say what happens.</param>
internal sealed partial class LeaseHolder(
    FleetConfig config, EgressConfig own, ILeasedEgress egress, LeaseHook? hook, TimeProvider clock, ILogger log)
{
    /// <summary>The longest time before a deadline in which new tunnels do not use a lease any more.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    /// <summary>Between two tries to use a lease whose route cannot be made, or whose hook fails.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    /// <summary>Grants that are looked at: one a pool, and a few that are to be given back.</summary>
    private const int MaxGrants = 16;

    private readonly Lock _gate = new();
    private readonly List<HeldLease> _held = [];
    private readonly List<LeaseClaim> _released = [];
    private readonly List<Task> _work = [];
    private readonly Dictionary<string, string> _unusable = [];
    private Task _turn = Task.CompletedTask;
    private string _fault = "the fleet has not answered yet";
    private bool _isLeaving;

    /// <summary>
    /// Says whether a tunnel that is open uses a lease; asked in <see cref="Tick()"/> of those to be given back.
    /// </summary>
    public required Func<HeldLease, bool> IsUsed { get; init; }

    /// <summary>The pools that one block each is wanted of.</summary>
    public IReadOnlyList<string> Wanted
    {
        get
        {
            lock (_gate)
                return _isLeaving ? [] : [.. config.Pools.Where(pool => !_unusable.ContainsKey(pool))];
        }
    }

    /// <summary>The blocks that are used, or about to be.</summary>
    public IReadOnlyList<LeaseClaim> Claims
    {
        get
        {
            lock (_gate)
                return [.. _held.Where(lease => lease.State != HeldLeaseState.Ending || lease.IsReleasing)
                    .Select(static lease => lease.ToClaim())];
        }
    }

    /// <summary>The blocks that are not used any more, until <see cref="ConfirmReleased"/>.</summary>
    public IReadOnlyList<LeaseClaim> Released
    {
        get
        {
            lock (_gate)
                return [.. _released];
        }
    }

    /// <summary>The leases that new tunnels use.</summary>
    public IReadOnlyList<LeaseClaim> InUse
    {
        get
        {
            lock (_gate)
                return [.. _held.Where(static lease => lease.State == HeldLeaseState.InUse)
                    .Select(static lease => lease.ToClaim())];
        }
    }

    /// <summary>Why the node has no source toward targets; null when it has one.</summary>
    public string? NotReady
    {
        get
        {
            lock (_gate)
                return config.Pools.IsEmpty || own.HasIPv4Source || own.HasIPv6Source || IsAnyInUse ? null : Why();
        }
    }

    /// <summary>What an operator should know of pools that give nothing though the node is ready.</summary>
    public string? Warning
    {
        get
        {
            lock (_gate)
            {
                var inUse = _held.Count(static lease => lease.State == HeldLeaseState.InUse);
                return inUse >= config.Pools.Length || !(own.HasIPv4Source || own.HasIPv6Source || IsAnyInUse)
                    ? null
                    : Why();
            }
        }
    }

    /// <summary>Time until the first of the leases in use runs out; null when there is none.</summary>
    public TimeSpan? ExpiresIn
    {
        get
        {
            lock (_gate)
                return FirstEndOf(_held.Where(static lease => lease.State is HeldLeaseState.InUse or HeldLeaseState.Stopped));
        }
    }

    /// <summary>
    /// Time until the first of all leases runs out, those that are not used yet among them; null when there is none.
    /// </summary>
    public TimeSpan? FirstEndsIn
    {
        get
        {
            lock (_gate)
                return FirstEndOf(_held.Where(static lease => lease.State != HeldLeaseState.Ending));
        }
    }

    private bool IsAnyInUse => _held.Exists(static lease => lease.State == HeldLeaseState.InUse);

    /// <summary>Takes what a directive grants.</summary>
    /// <param name="grants">The blocks that the node may use, or shall stop to use.</param>
    /// <param name="faults">Why a pool gives none.</param>
    /// <param name="sentAt">When the report that it answers began to be sent.</param>
    public void Apply(IReadOnlyList<LeaseGrant> grants, IReadOnlyList<string> faults, long sentAt)
    {
        lock (_gate)
        {
            _fault = faults.Count > 0
                ? string.Join("; ", faults.Take(config.Pools.Length))
                : "the fleet has not granted one";
            foreach (var grant in grants.Take(MaxGrants))
                Apply(grant, sentAt);
        }
        Tick();
    }

    /// <summary>A report that told of these was answered.</summary>
    public void ConfirmReleased(IReadOnlyList<LeaseClaim> told)
    {
        lock (_gate)
            _released.RemoveAll(told.Contains);
    }

    /// <summary>Goes on by the clock.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            _work.RemoveAll(static task => task.IsCompleted);
            var now = clock.GetTimestamp();
            foreach (var lease in _held.ToArray())
                Tick(lease, now);
        }
    }

    /// <summary>Gives every block back; completes when none is used any more and the hook has heard of it.</summary>
    public async Task ReleaseAllAsync()
    {
        Task[] work;
        lock (_gate)
        {
            _isLeaving = true;
            foreach (var lease in _held.ToArray())
            {
                lease.IsReleasing = true;
                if (lease.State != HeldLeaseState.Ending)
                    End(lease, "the process ends");
            }
            work = [.. _work];
        }
        await Task.WhenAll(work).ConfigureAwait(false);
    }

    /// <summary>Completes when what was begun is done, routes and hook included; for tests.</summary>
    internal Task SettledAsync()
    {
        lock (_gate)
            return Task.WhenAll(_work);
    }

    private void Apply(LeaseGrant grant, long sentAt)
    {
        var time = TimeSpan.FromMilliseconds(Math.Clamp(grant.DurationMilliseconds, 0, 24 * 3600 * 1000));
        var deadline = sentAt + Ticks(time);
        if (_held.Find(held => held.Prefix == grant.Prefix) is { } known)
        {
            Renew(known, grant, deadline, time);
            return;
        }
        var claim = new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch);
        if (_released.Contains(claim))
            return;
        if (grant.IsReleasing || _isLeaving || !config.Pools.Contains(grant.Pool) || _unusable.ContainsKey(grant.Pool))
        {
            _released.Add(claim);
            return;
        }
        if (Conflict(grant) is { } conflict)
        {
            // Another block of the pool would be of the same family: it is not asked for again.
            _unusable.Add(grant.Pool, conflict);
            _released.Add(claim);
            Log.LeaseUnusable(log, grant.Prefix, grant.Pool, conflict);
            return;
        }
        if (deadline <= clock.GetTimestamp())
            return;
        _held.Add(new HeldLease(grant.Pool, new EgressLease(grant.Prefix, deadline))
        {
            Epoch = grant.Epoch,
            StopTime = StopTimeOf(time),
        });
    }

    private void Renew(HeldLease lease, LeaseGrant grant, long deadline, TimeSpan time)
    {
        // What has ended on its deadline is gained anew, once its end is told everywhere.
        if (lease.State == HeldLeaseState.Ending || lease.Pool != grant.Pool || grant.Epoch < lease.Epoch)
            return;
        if (grant.IsReleasing)
        {
            if (grant.Epoch == lease.Epoch)
                lease.IsReleasing = true;
            return;
        }
        lease.Epoch = grant.Epoch;
        lease.StopTime = StopTimeOf(time);
        // What was promised before stands: an answer that was long on its way shortens nothing.
        lease.Lease.Deadline = Math.Max(lease.Lease.Deadline, deadline);
    }

    private TimeSpan? FirstEndOf(IEnumerable<HeldLease> leases) =>
        leases.Select(static lease => (long?)lease.Lease.Deadline).Min() is { } deadline
            ? clock.GetElapsedTime(clock.GetTimestamp(), deadline)
            : null;

    private string? Conflict(LeaseGrant grant)
    {
        var (family, isTaken) = grant.Prefix.IsIPv4
            ? ("IPv4", own.HasIPv4Source || own.IPv6Only) : ("IPv6", own.HasIPv6Source || own.IPv4Only);
        if (isTaken)
            return $"the outbound options leave no room for {family}";
        var other = _held.Find(held => held.Pool != grant.Pool && held.Prefix.IsIPv4 == grant.Prefix.IsIPv4);
        return other is null ? null : $"pool '{other.Pool}' gives {family}, too";
    }

    private string Why()
    {
        var missing = config.Pools.Where(pool => !_held.Exists(
            lease => lease.Pool == pool && lease.State == HeldLeaseState.InUse)).ToArray();
        var why = missing
            .Select(pool => _unusable.GetValueOrDefault(pool)
                ?? _held.Find(lease => lease.Pool == pool && lease.Fault is not null)?.Fault)
            .FirstOrDefault(static why => why is not null);
        return $"no block of pool {string.Join(" and ", missing.Select(static pool => $"'{pool}'"))}: {why ?? _fault}";
    }

    private long StopTimeOf(TimeSpan time) => Ticks(time / 4 < LongestStop ? time / 4 : LongestStop);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);
}
