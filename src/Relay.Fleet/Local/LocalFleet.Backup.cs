using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.State;

namespace Relay.Fleet.Local;

/// <content>What it remembers, given out and taken in.</content>
public sealed partial class LocalFleet : IFleetBackup
{
    /// <inheritdoc/>
    public ValueTask<FleetState> ExportAsync(CancellationToken cancellation) =>
        AnswerAsync(_ => ToState().ForExport(), _ => _written.ForExport());

    /// <inheritdoc/>
    public ValueTask<FleetResult<FleetImport>> ImportAsync(FleetState state, CancellationToken cancellation) =>
        ChangeAsync(now => Import(state, now));

    private FleetResult<FleetImport> Import(FleetState state, DateTimeOffset now)
    {
        ExpireLeases(now);
        var compared = FleetImportPlan.Of(
            state, _catalog, _limits, _users, EnrolledIn, _slots,
            _plans.ToDictionary(static plan => plan.Key, static plan => plan.Value.Fingerprint, StringComparer.Ordinal),
            _quarantine, _registry, [.. FoundLeases], _timings, now);
        if (compared.Value is not { } plan)
            return compared.As<FleetImport>();
        if (plan.IsEmpty)
            return FleetResult.Ok(plan.ToImport());
        _recoversFrom = now;
        _own += plan.Drains.Count + 1;
        _registry.Add(plan.Nodes, now);
        foreach (var pool in plan.Pools)
        {
            var name = pool.Pool.Name;
            _allocators.Add(name, new PrefixAllocator(
                PrefixAllocator.Import(pool, now, _timings.LeaseTime, _found.GetValueOrDefault(name)?.Leases ?? []), _timings, now));
            if (_found.Remove(name, out var formerly))
                _own += formerly.Revision + 1;
            _catalog.Put(pool.Pool);
            TellOfPool($"pool {name} was imported: {pool.Pool.Prefix} in blocks of /{pool.Pool.BlockLength}", now);
        }
        _catalog.Retire(plan.Retired);
        foreach (var rule in plan.Limits)
            _limits.Put(rule, expectedVersion: "", now);
        _users.Add(plan.Users, now);
        _slots.Add(plan.Slots);
        foreach (var one in plan.Quarantined)
            _quarantine.Restore(one);
        FollowQuarantine(now);
        // What was begun elsewhere counts as older than all that was begun here.
        foreach (var drain in plan.Drains.Reverse())
            Add(new DrainPlan(drain, _timings), isOldest: true);
        ExcludeStatic(now);
        SettleDrains(now);
        return FleetResult.Ok(plan.ToImport());
    }
}
