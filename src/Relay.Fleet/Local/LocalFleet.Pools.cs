using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Fleet.Local;

/// <content>Pools and leases.</content>
public sealed partial class LocalFleet
{
    private readonly CatalogDecider _catalog = new();
    private readonly SortedDictionary<string, PrefixAllocator> _allocators = new(StringComparer.Ordinal);
    private DateTimeOffset _recoversFrom;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PrefixPoolInfo>> ListPoolsAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyList<PrefixPoolInfo>>(
                [.. _allocators.Values.Select(pool => pool.ToInfo())]);
    }

    /// <inheritdoc/>
    public ValueTask<PrefixPoolInfo?> GetPoolAsync(string pool, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_allocators.GetValueOrDefault(pool)?.ToInfo());
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        PrefixPool pool, string? expectedVersion, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(Put(pool, expectedVersion, Now));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> DeletePoolAsync(
        string pool, string? expectedVersion, CancellationToken cancellation)
    {
        lock (_gate)
        {
            var now = Now;
            ExpireLeases(now);
            var allocator = _allocators.GetValueOrDefault(pool);
            var check = _catalog.CheckDelete(pool, expectedVersion, allocator?.LiveLeases ?? 0);
            if (!check.IsOk)
                return ValueTask.FromResult(Failed<PrefixPoolInfo>(check));
            var last = allocator!.ToInfo();
            _catalog.Delete(pool);
            _catalog.Retire(allocator.Quarantined);
            _allocators.Remove(pool);
            Tell([PoolEvent($"pool {pool} was removed", now)]);
            ExcludeStatic(now);
            return ValueTask.FromResult(FleetResult.Ok(last));
        }
    }

    /// <inheritdoc/>
    public ValueTask<Page<LeaseInfo>?> ListLeasesAsync(
        string pool, int limit, string? cursor, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_allocators.GetValueOrDefault(pool)?.List(Math.Clamp(limit, 1, 1000), cursor));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<LeaseInfo>> RevokeLeaseAsync(
        string pool, Prefix prefix, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_allocators.TryGetValue(pool, out var allocator))
                return ValueTask.FromResult(FleetResult.NotFound<LeaseInfo>($"there is no pool {pool}"));
            var now = Now;
            Tell(allocator.EventsOf(allocator.Expire(now), now));
            var before = allocator.Revision;
            if (allocator.Revoke(prefix) is not { } lease)
                return ValueTask.FromResult(FleetResult.NotFound<LeaseInfo>($"nobody has {prefix} of pool {pool}"));
            if (allocator.Revision != before)
                Tell(allocator.EventsOf([lease], now));
            return ValueTask.FromResult(FleetResult.Ok(allocator.ToInfo(lease)));
        }
    }

    private FleetResult<PrefixPoolInfo> Put(PrefixPool pool, string? expectedVersion, DateTimeOffset now)
    {
        var check = _catalog.Check(pool, expectedVersion, _registry.Nodes, now);
        if (check.Value is not { } defined)
            return Failed<PrefixPoolInfo>(check);
        if (_allocators.TryGetValue(pool.Name, out var allocator))
        {
            if (allocator.Pool == defined)
                return FleetResult.Ok(allocator.ToInfo());
            var redefined = allocator.Redefine(defined, now);
            if (redefined.Value is not { } retired)
                return Failed<PrefixPoolInfo>(redefined);
            _catalog.Retire(retired);
            Tell([PoolEvent(
                $"pool {defined.Name} was changed to {defined.Prefix} in blocks of /{defined.BlockLength}", now)]);
        }
        else
        {
            // Whoever held a block when the process before this one ended may hold it for a lease's time after.
            var recovered = _recoversFrom + _timings.LeaseTime;
            allocator = new PrefixAllocator(PrefixAllocator.Create(defined, _random, now, recovered), _timings);
            _allocators.Add(defined.Name, allocator);
            Tell([PoolEvent(
                $"pool {defined.Name} was defined: {defined.Prefix} in blocks of /{defined.BlockLength}", now)]);
        }
        _catalog.Put(defined);
        ExcludeStatic(now);
        return FleetResult.Ok(allocator.ToInfo());
    }

    private (List<LeaseGrant> Grants, List<string> Faults) Lease(NodeReport report, DateTimeOffset now)
    {
        List<LeaseGrant> grants = [];
        List<string> faults = [];
        foreach (var (pool, request) in LeaseRequest.Of(report))
        {
            if (!_allocators.TryGetValue(pool, out var allocator))
            {
                if (request.IsWanted)
                    faults.Add($"there is no pool {pool}");
                continue;
            }
            var answer = allocator.Answer(request, now);
            grants.AddRange(answer.Grants);
            if (answer.Fault is { } fault)
                faults.Add(fault);
            Tell(allocator.EventsOf(answer.Expired, now).Concat(allocator.EventsOf(answer.Changed, now)));
        }
        return (grants, faults);
    }

    private void ExpireLeases(DateTimeOffset now)
    {
        foreach (var allocator in _allocators.Values)
            Tell(allocator.EventsOf(allocator.Expire(now), now));
        ExcludeStatic(now);
    }

    private void OnClockStep(TimeSpan by, DateTimeOffset now)
    {
        _recoversFrom = now;
        _catalog.OnClockStep(by);
        foreach (var allocator in _allocators.Values)
            allocator.OnClockStep(by, now);
    }

    private void ExcludeStatic(DateTimeOffset now)
    {
        var excluded = _catalog.Excluded(_registry.StaticPrefixes, now);
        foreach (var allocator in _allocators.Values)
            allocator.Exclude(excluded);
    }

    private IEnumerable<LeaseInfo> LeasesOf(NodeInfo node) => _allocators.Values.SelectMany(pool => pool.Of(node.Id));

    private static FleetEvent PoolEvent(string text, DateTimeOffset now) =>
        new() { Id = "", At = now, Kind = FleetEventKind.Lease, Text = text };

    private static FleetResult<T> Failed<T>(FleetResult<PrefixPool> why) =>
        new(why.Status, default, why.Detail, why.Field);

    private static FleetResult<T> Failed<T>(FleetResult<IReadOnlyList<PrefixLease>> why) =>
        new(why.Status, default, why.Detail, why.Field);
}
