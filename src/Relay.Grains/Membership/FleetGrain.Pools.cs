using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>Which pools are defined.</content>
internal sealed partial class FleetGrain
{
    // With each tick, of all that nodes say they hold of pools that are not defined.
    private const int MaxTakenBack = 64;

    private IReadOnlyList<Prefix>? _excluded;

    /// <inheritdoc/>
    public Task<PoolNames> ListPoolsAsync() => Task.FromResult(Names());

    /// <inheritdoc/>
    public Task<PoolDefinition> GetPoolAsync(string pool) =>
        // Not before it is stored: whoever asks goes by it.
        _fleet.RunAsync(fleet => new PoolDefinition(
            fleet.Pools.Find(pool), Excluded(), fleet.Generation, IsExcludedTold: _excluded is not null));

    /// <inheritdoc/>
    public async Task<FleetResult<PrefixPoolInfo>> PutPoolAsync(PoolChange change)
    {
        var name = change.Pool.Name;
        var isRecovering = false;
        var checkedPool = await _fleet.RunAsync(fleet =>
        {
            var now = _wallClock.Read(fleet);
            fleet.Settle(now);
            // Nodes may hold more of a pool that is found than they have told.
            isRecovering = !change.IsNew && (fleet.IsRecovering || FoundLeases().Any(lease => lease.Pool == name));
            return fleet.Pools.Check(change.Pool, change.ExpectedVersion, FoundLeases(), now);
        });
        if (!checkedPool.IsOk)
            return checkedPool.As<PrefixPoolInfo>();
        var pool = checkedPool.Value!;
        var grain = GrainFactory.GetGrain<IPrefixPoolGrain>(name);
        if (_fleet.Decider.Pools.Find(name) != pool || change.IsNew)
        {
            // The leases' side first, which grants nothing until the catalog has the definition; then that.
            var defined = await grain.DefineAsync(new PoolCreation(
                pool, isRecovering, Excluded(), change.IsNew, Generation: _fleet.Decider.Generation));
            if (!defined.IsOk)
                return defined.As<PrefixPoolInfo>();
            await _fleet.RunAsync(fleet =>
            {
                // What a pool waits for, another that takes over a part of its addresses has to wait for as well.
                if (defined.Value!.IsRecovering)
                    fleet.Recover(_wallClock.Read(fleet));
                fleet.Pools.Retire(defined.Value.Leases);
                fleet.Pools.Put(pool);
            });
            await grain.ConfirmAsync(pool);
            Tell($"pool {name} is defined: {pool.Prefix} in blocks of /{pool.BlockLength}");
            await TryAsync("pools", ExcludeAsync);
            await _events.FlushAsync();
        }
        return await GrainFactory.GetInfoAsync(name, isFound: false) is { } info
            ? FleetResult.Ok(info)
            : FleetResult.Unavailable<PrefixPoolInfo>($"pool {name} is defined, and does not answer at the moment");
    }

    /// <inheritdoc/>
    public async Task<FleetResult<PrefixPoolInfo>> DeletePoolAsync(NamedChange change)
    {
        var checkedPool = await _fleet.RunAsync(fleet =>
            fleet.Pools.CheckDelete(change.Name, change.ExpectedVersion, 0));
        if (!checkedPool.IsOk)
            return checkedPool.As<PrefixPoolInfo>();
        var grain = GrainFactory.GetGrain<IPrefixPoolGrain>(change.Name);
        var remainder = await grain.CloseAsync();
        var removed = await _fleet.RunAsync(fleet =>
        {
            var result = fleet.Pools.CheckDelete(change.Name, change.ExpectedVersion, remainder.LiveLeases);
            if (!result.IsOk)
                return result;
            if (remainder.Info?.GrantsFrom is not null)
                fleet.Recover(_wallClock.Read(fleet));
            fleet.Pools.Retire(remainder.Quarantined);
            fleet.Pools.Delete(change.Name);
            return result;
        });
        if (!removed.IsOk)
            return removed.As<PrefixPoolInfo>();
        await grain.RemoveAsync();
        Tell($"pool {change.Name} is removed");
        await TryAsync("pools", ExcludeAsync);
        await _events.FlushAsync();
        return FleetResult.Ok(remainder.Info ?? new PrefixPoolInfo { Pool = removed.Value! });
    }

    private IReadOnlyList<Prefix> Excluded() =>
        _excluded ?? _fleet.Decider.Pools.Excluded(_registry.StaticPrefixes, FoundLeases(), _registry.OwnerOf, _clock.Now).Prefixes;

    // Of silent nodes, too: they may hold on for as long as a lease lasts, and what they held is quarantined then.
    private IEnumerable<LeaseInfo> FoundLeases()
    {
        var kept = _clock.Now - _timings.LeaseTime - _timings.Quarantine - _timings.MaxClockSkew;
        return _fleet.Decider.Pools.Found(_registry.Nodes
            .Where(node => node.State != NodeState.Silent || node.LastReportAt > kept).SelectMany(static node => node.Leases));
    }

    private PoolNames Names() => new(
        [.. _fleet.Decider.Pools.Pools.Select(static pool => pool.Name)],
        [.. FoundLeases().Select(static lease => lease.Pool).Where(pool => _fleet.Decider.Pools.Find(pool) is null).Distinct()]);

    // Whether the pools know is not known to a new activation: it tells them.
    private async Task ExcludeAsync()
    {
        var excluded = await _fleet.RunAsync(fleet =>
        {
            var now = _wallClock.Read(fleet);
            fleet.Settle(now);
            return fleet.Pools.Excluded(_registry.StaticPrefixes, FoundLeases(), _registry.OwnerOf, now);
        });
        // Two would use what another pool grants meanwhile. A silent node is not told, and what it holds runs out.
        foreach (var lease in excluded.TakeBack(
            MaxTakenBack, node => _registry.Find(node)?.State == NodeState.Silent ? null : _registry.OwnerOf(node)))
            GrainFactory.GetGrain<IPrefixPoolGrain>(lease.Pool).RevokeAsync(new PrefixList([lease.Prefix])).Ignore();
        if (_excluded is not null && excluded.Prefixes.SequenceEqual(_excluded))
            return;
        var list = new PrefixList(excluded.Prefixes);
        // Until all have heard it, whoever asks keeps what it was told.
        _excluded = null;
        await Task.WhenAll(_fleet.Decider.Pools.Pools.Select(pool =>
            GrainFactory.GetGrain<IPrefixPoolGrain>(pool.Name).ExcludeAsync(list)));
        _excluded = excluded.Prefixes;
    }

    private void Tell(string text) =>
        _events.Add(FleetEvent.Of(FleetEventKind.Lease, text, _clock.Now));
}
