using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.State;
using Relay.Fleet.Users;

namespace Relay.Fleet.Local;

/// <content>What it remembers, as a whole.</content>
public sealed partial class LocalFleet
{
    private long _own;

    // Rises with every change of what ToState gives that has to be stored. Renewals have not: whoever goes on from the state
    // counts each lease a whole time from when it was read.
    private long Revision => _own + _configurations + _registry.StateRevision + _catalog.Revision + _limits.Revision + _users.Revision
        + _slots.Revision + _quarantine.Revision
        + _allocators.Values.Sum(static pool => pool.DecisionRevision) + _found.Values.Sum(static pool => pool.Revision)
        + _plans.Values.Sum(static plan => plan.Revision);

    private FleetState ToState()
    {
        var catalog = _catalog.ToState();
        return new FleetState
        {
            Version = FleetState.CurrentVersion,
            Generation = _generation,
            IsRecovering = _recoversFrom is not null,
            Pools = [.. _allocators.Values.Select(static pool => pool.ToState())],
            Found = [.. _found.Values.Select(static pool => pool.ToState())],
            Retired = catalog.Retired,
            PoolVersion = catalog.Version,
            Limits = _limits.ToState(),
            Users = _users.ToState(),
            Slots = _slots.ToState(),
            Quarantine = _quarantine.ToState(),
            Drains = [.. _newestFirst.AsEnumerable().Reverse().Select(drain => _plans[drain].ToState())],
            Nodes = [.. _registry.Nodes.Select(FleetState.Remember)],
        };
    }

    // Who goes on from a state is another grantor than who wrote it, though it be the same process: what was renewed since is
    // not in it.
    private void GoOnFrom(FleetState state, DateTimeOffset now)
    {
        var before = Revision;
        _catalog = new CatalogDecider(state.ToCatalog().CountedFrom(now, _timings));
        _limits = new LimitDecider(state.Limits);
        _users = new UserBook(state.Users, now);
        _users.Begin(Guid.NewGuid(), now);
        _slots = new DrainSlots(_timings, state.Slots);
        _quarantine = new QuarantineDecider(state.Quarantine);
        _allocators.Clear();
        foreach (var pool in state.Pools)
            _allocators.Add(pool.Pool.Name, new PrefixAllocator(pool, _timings, now));
        _found.Clear();
        foreach (var pool in state.Found)
            _found.Add(pool.Name, new FoundPool(pool, _timings, now));
        _plans.Clear();
        _newestFirst.Clear();
        _toldOf.Clear();
        _lastPlanOf.Clear();
        foreach (var plan in state.Drains)
            Add(new DrainPlan(plan, _timings));
        if (state.IsRecovering)
            _recoversFrom = now;
        FollowQuarantine(now);
        ExcludeStatic(now);
        _own += before + 1 - Revision;
        _writtenRevision = Revision;
    }
}
