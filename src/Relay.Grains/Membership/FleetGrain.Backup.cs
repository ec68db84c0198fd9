using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.State;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>What the fleet remembers, given out and taken in.</content>
internal sealed partial class FleetGrain
{
    /// <inheritdoc/>
    public async Task<FleetState> ExportAsync()
    {
        var fleet = await _fleet.RunAsync(static fleet => fleet.ToState());
        var pools = await Task.WhenAll(fleet.Pools.Pools.Select(ExportAsync));
        var drains = await Task.WhenAll(fleet.Drains.Select(async entry =>
            entry.Pending ?? await GrainFactory.GetGrain<IDrainGrain>(entry.Id).ExportAsync()));
        return new FleetState
        {
            Version = FleetState.CurrentVersion,
            Generation = fleet.Generation!,
            IsRecovering = fleet.IsRecovering,
            Pools = pools,
            Retired = fleet.Pools.Retired,
            PoolVersion = fleet.Pools.Version,
            Limits = fleet.Limits,
            Slots = fleet.Slots,
            Quarantine = fleet.Quarantine,
            Drains = [.. drains.OfType<DrainPlanState>()],
            Nodes = [.. _registry.Nodes.Select(FleetState.Remember)],
        }.ForExport();
    }

    /// <inheritdoc/>
    public async Task<FleetResult<FleetImport>> ImportAsync(FleetState state)
    {
        await KnowDrainsAsync();
        var compared = await _fleet.RunAsync(fleet => Compare(fleet, state));
        if (compared.Value is not { } plan)
            return compared.As<FleetImport>();
        // Also where nothing is new: an import that seemed to fail may have stored them.
        _limitChanges++;
        FollowQuarantine();
        if (plan.IsEmpty)
            return FleetResult.Ok(plan.ToImport());
        // As with every definition: the leases' side first, which grants nothing until the catalog has the pool.
        var defined = await Task.WhenAll(plan.Pools.Select(pool => Pool(pool)
            .DefineAsync(new PoolCreation(
                pool.Pool, IsRecovering: true, Excluded(), From: pool, Generation: _fleet.Decider.Generation))));
        if (Array.Find(defined, static result => !result.IsOk) is { } refused)
            return refused.As<FleetImport>();
        _registry.Add(plan.Nodes, _clock.Now);
        _isUnstored |= plan.Nodes.Count > 0;
        // A node that the next activation has never heard of would count as gone, and its drain as done.
        await StoreNodesAsync();
        compared = await _fleet.RunAsync(fleet =>
        {
            // Drains and limits may have come since.
            var last = Compare(fleet, state);
            if (last.Value is { } found)
            {
                fleet.Pools.Retire(defined.SelectMany(static result => result.Value!.Leases));
                fleet.Add(plan = found with { Pools = plan.Pools }, _wallClock.Read(fleet));
            }
            return last;
        });
        if (!compared.IsOk)
        {
            // Not who has reported since.
            foreach (var node in plan.Nodes.Where(node => ReferenceEquals(_registry.Find(node.Id), node)))
                _registry.Leave(node.Id, _clock.Now);
            return compared.As<FleetImport>();
        }
        await TryAsync("drains that are over", () => Task.WhenAll(plan.Drains.Where(static drain => !DrainPlan.IsActiveIn(drain))
            .Select(drain => GrainFactory.GetGrain<IDrainGrain>(drain.Id).RestoreAsync(drain))));
        await Task.WhenAll(plan.Pools.Select(pool => Pool(pool).ConfirmAsync(pool.Pool)));
        foreach (var pool in plan.Pools)
            Tell($"pool {pool.Pool.Name} is imported: {pool.Pool.Prefix} in blocks of /{pool.Pool.BlockLength}");
        _limitChanges++;
        FollowQuarantine();
        await TryAsync("pools", ExcludeAsync);
        await TryAsync("drains", AdvanceDrainsAsync);
        await PullAsync();
        await _events.FlushAsync();
        return FleetResult.Ok(plan.ToImport());
    }

    private FleetResult<FleetImportPlan> Compare(FleetDecider fleet, FleetState state)
    {
        var now = _wallClock.Read(fleet);
        fleet.Settle(now);
        return FleetImportPlan.Of(
            state, fleet.Pools, fleet.Limits, users: null, EnrolledIn, fleet.Slots,
            fleet.Drains.ToDictionary(static entry => entry.Id, static entry => entry.Fingerprint, StringComparer.Ordinal),
            fleet.Quarantine, _registry, [.. FoundLeases()], _timings, now);
    }

    private IPrefixPoolGrain Pool(PrefixPoolState pool) => GrainFactory.GetGrain<IPrefixPoolGrain>(pool.Pool.Name);

    // Where a pool has lost what it knew, or is in the middle of a change, the catalog's definition is what there is.
    private async Task<PrefixPoolState> ExportAsync(PrefixPool pool) =>
        await GrainFactory.GetGrain<IPrefixPoolGrain>(pool.Name).ExportAsync() is { } state && state.Pool == pool
            ? state : PrefixAllocator.Create(pool, Random.Shared, _clock.Now);
}
