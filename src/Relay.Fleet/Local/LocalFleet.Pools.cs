using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Fleet.Local;

/// <content>Pools and leases.</content>
public sealed partial class LocalFleet
{
    private CatalogDecider _catalog = new();
    private readonly SortedDictionary<string, PrefixAllocator> _allocators = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FoundPool> _found = new(StringComparer.Ordinal);
    // Since when there may be blocks that no pool knows of; null where there can be none.
    private DateTimeOffset? _recoversFrom;

    // Nodes name at most so many pools that are not there.
    private const int MaxFound = 64;

    private IEnumerable<PrefixPoolInfo> PoolInfos => _allocators.Values.Select(static pool => pool.ToInfo())
        .Concat(_found.Values.Select(static pool => pool.ToInfo()).OfType<PrefixPoolInfo>());

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<PrefixPoolInfo>> ListPoolsAsync(CancellationToken cancellation) =>
        ReadAsync<IReadOnlyList<PrefixPoolInfo>>(_ =>
            [.. PoolInfos.OrderBy(static info => info.Pool.Name, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public ValueTask<PrefixPoolInfo?> GetPoolAsync(string pool, CancellationToken cancellation) =>
        ReadAsync(_ => _allocators.GetValueOrDefault(pool)?.ToInfo() ?? _found.GetValueOrDefault(pool)?.ToInfo());

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        PrefixPool pool, string? expectedVersion, bool isNew, CancellationToken cancellation) =>
        ChangeAsync(now => Put(pool, expectedVersion, now, isNew));

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> DeletePoolAsync(
        string pool, string? expectedVersion, CancellationToken cancellation) =>
        ChangeAsync(now =>
        {
            ExpireLeases(now);
            var allocator = _allocators.GetValueOrDefault(pool);
            var check = _catalog.CheckDelete(pool, expectedVersion, allocator?.LiveLeases ?? 0);
            if (!check.IsOk)
                return check.As<PrefixPoolInfo>();
            var last = allocator!.ToInfo();
            if (allocator.IsRecovering(now))
                _recoversFrom = now;
            _catalog.Delete(pool);
            _catalog.Retire(allocator.Quarantined);
            _allocators.Remove(pool);
            _own += allocator.DecisionRevision + 1;
            TellOfPool($"pool {pool} was removed", now);
            ExcludeStatic(now);
            return FleetResult.Ok(last);
        });

    /// <inheritdoc/>
    public ValueTask<Page<LeaseInfo>?> ListLeasesAsync(
        string pool, int limit, string? cursor, CancellationToken cancellation) =>
        ReadAsync(_ =>
        {
            limit = Math.Clamp(limit, 1, 1000);
            return _allocators.GetValueOrDefault(pool)?.List(limit, cursor) ?? _found.GetValueOrDefault(pool)?.List(limit, cursor);
        });

    /// <inheritdoc/>
    public ValueTask<FleetResult<LeaseInfo>> RevokeLeaseAsync(
        string pool, Prefix prefix, CancellationToken cancellation) =>
        ChangeAsync(now =>
        {
            if (_found.GetValueOrDefault(pool)?.Revoke(prefix) is { } held)
                return FleetResult.Ok(held.ToInfo(pool));
            if (!_allocators.TryGetValue(pool, out var allocator))
                return FleetResult.NotFound<LeaseInfo>($"there is no pool {pool}");
            Tell(allocator.EventsOf(allocator.Expire(now), now));
            var before = allocator.Revision;
            if (allocator.Revoke(prefix) is not { } lease)
                return FleetResult.NotFound<LeaseInfo>($"nobody has {prefix} of pool {pool}");
            if (allocator.Revision != before)
                Tell(allocator.EventsOf([lease], now));
            return FleetResult.Ok(lease.ToInfo(pool));
        });

    private FleetResult<PrefixPoolInfo> Put(
        PrefixPool pool, string? expectedVersion, DateTimeOffset now, bool isNew = false)
    {
        ExpireLeases(now);
        var check = _catalog.Check(pool, expectedVersion, FoundLeases, now);
        if (check.Value is not { } defined)
            return check.As<PrefixPoolInfo>();
        if (_allocators.TryGetValue(pool.Name, out var allocator))
        {
            if (isNew && PrefixAllocator.HolderOf(pool.Name, allocator.Leases) is { } holder)
                return FleetResult.Conflict<PrefixPoolInfo>(holder);
            if (isNew)
                allocator.SkipRecovery();
            if (allocator.Pool == defined)
                return FleetResult.Ok(allocator.ToInfo());
            var (isRecovering, before) = (allocator.IsRecovering(now), allocator.Pool.Prefix);
            var redefined = allocator.Redefine(defined, now);
            if (redefined.Value is not { } retired)
                return redefined.As<PrefixPoolInfo>();
            // Of what it had before it knows; of what it gets, as little as a new one.
            if (!isNew && _recoversFrom is not null && !before.Contains(defined.Prefix))
                allocator.Recover(now);
            // What it waits for, another pool that takes over a part of its addresses has to wait for as well.
            if (isRecovering)
                _recoversFrom = now;
            _catalog.Retire(retired);
            TellOfPool($"pool {defined.Name} was changed to {defined.Prefix} in blocks of /{defined.BlockLength}", now);
        }
        else
        {
            var found = _found.GetValueOrDefault(defined.Name)?.Leases ?? [];
            if (PrefixAllocator.MisfitOf(defined, found) is { } misfit)
                return FleetResult.Conflict<PrefixPoolInfo>(misfit);
            if (isNew && PrefixAllocator.HolderOf(pool.Name, found) is { } finder)
                return FleetResult.Conflict<PrefixPoolInfo>(finder);
            // Whoever held a block when the process before this one ended may hold it for a lease's time after.
            var recovered = isNew ? null : (found.Count > 0 ? now : _recoversFrom) + _timings.LeaseTime;
            allocator = new PrefixAllocator(PrefixAllocator.Create(defined, _random, now, recovered, found), _timings);
            _allocators.Add(defined.Name, allocator);
            if (_found.Remove(defined.Name, out var formerly))
                _own += formerly.Revision + 1;
            TellOfPool($"pool {defined.Name} was defined: {defined.Prefix} in blocks of /{defined.BlockLength}", now);
        }
        _catalog.Put(defined);
        ExcludeStatic(now);
        return FleetResult.Ok(allocator.ToInfo());
    }

    private (List<LeaseGrant> Grants, List<string> Faults) Lease(NodeReport report, DateTimeOffset now, bool isChanging)
    {
        List<LeaseGrant> grants = [];
        List<string> faults = [];
        foreach (var (pool, request) in LeaseRequest.Of(report))
        {
            var allocator = _allocators.GetValueOrDefault(pool);
            var answer = (allocator, isChanging) switch
            {
                (not null, true) => allocator.Answer(request, now),
                (null, true) => Keep(request, pool, now),
                (not null, false) when IsHeldUp || IsStored(pool) => allocator.Keep(request, HeldUp, now),
                // While a write is under way it may be what has this.
                (null, false) when IsHeldUp => _found.GetValueOrDefault(pool)?.Keep(request, HeldUp, now) ?? None(request),
                _ => None(request),
            };
            grants.AddRange(answer.Grants);
            if (answer.Fault is { } fault)
                faults.Add(fault);
            if (allocator is not null)
                Tell(allocator.EventsOf(answer, now));
        }
        return (grants, faults);
    }

    private bool IsStored(string pool) => _written.Pools.Any(stored => stored.Pool.Name == pool);

    private LeaseAnswer Keep(LeaseRequest request, string pool, DateTimeOffset now)
    {
        var found = _found.GetValueOrDefault(pool) ?? new FoundPool(pool, _timings);
        var answer = found.Answer(request, now);
        if (found.Leases.Count == 0 || _found.ContainsKey(pool))
            return answer;
        if (_found.Count >= MaxFound)
            return new LeaseAnswer([], answer.Fault, [], LeaseExpiry.None);
        _found.Add(pool, found);
        TellOfPool($"pool {pool} is not defined, and {request.Node} holds a block of it", now);
        ExcludeStatic(now);
        return answer;
    }

    private void ExpireLeases(DateTimeOffset now)
    {
        foreach (var allocator in _allocators.Values)
            Tell(allocator.EventsOf(allocator.Expire(now), now));
        foreach (var (name, pool) in _found.ToArray())
        {
            pool.Expire(now);
            if (pool.Leases.Count > 0)
                continue;
            _found.Remove(name);
            _own += pool.Revision + 1;
        }
        ExcludeStatic(now);
    }

    private void EndRecovery(DateTimeOffset now)
    {
        if (!(_recoversFrom + _timings.LeaseTime <= now))
            return;
        _recoversFrom = null;
        _own++;
    }

    private void OnClockStep(TimeSpan by, DateTimeOffset now)
    {
        _recoversFrom = now;
        _own++;
        _slots.OnClockStep(by);
        foreach (var plan in _plans.Values)
            plan.OnClockStep(by);
        _catalog.OnClockStep(by);
        foreach (var allocator in _allocators.Values)
            allocator.OnClockStep(by, now);
        foreach (var pool in _found.Values)
            pool.OnClockStep(by);
    }

    private void ExcludeStatic(DateTimeOffset now)
    {
        var excluded = _catalog.Excluded(_registry.StaticPrefixes, FoundLeases, _registry.OwnerOf, now);
        foreach (var allocator in _allocators.Values)
            allocator.Exclude(excluded.Prefixes);
        // Two would use what another pool grants meanwhile.
        foreach (var lease in excluded.Beyond)
            _found[lease.Pool].Revoke(lease.Prefix);
    }

    private IEnumerable<LeaseInfo> FoundLeases =>
        _found.SelectMany(static found => found.Value.Leases.Where(static lease => lease.IsLive)
            .Select(lease => lease.ToInfo(found.Key)));

    private IEnumerable<LeaseInfo> LeasesOf(NodeInfo node) => _allocators.Values.SelectMany(pool => pool.Of(node.Id))
        .Concat(FoundLeases.Where(lease => lease.Node == node.Id));

    private LeaseAnswer None(LeaseRequest request) => new([], request.IsWanted ? HeldUp : null, [], LeaseExpiry.None);

    private void TellOfPool(string text, DateTimeOffset now) => Tell([FleetEvent.Of(FleetEventKind.Lease, text, now)]);
}
