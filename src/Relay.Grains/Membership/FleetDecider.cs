using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.State;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <summary>What is stored of the fleet, beside its nodes.</summary>
internal sealed record FleetRecord : StoredRecord
{
    /// <summary>When this state was begun, by the clock of whoever did.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>Names this state among those that were begun before and after it.</summary>
    public string? Generation { get; init; }

    /// <summary>
    /// Blocks may be held that no pool knows of, since there was a state before this one, or more of it: until some
    /// activation has seen a whole lease time pass.
    /// </summary>
    public bool IsRecovering { get; init; }

    /// <summary>Which pools are defined.</summary>
    public PoolCatalogState Pools { get; init; } = new();

    /// <summary>Which limits are defined.</summary>
    public LimitBookState Limits { get; init; } = new();

    /// <summary>Which nodes are in which drain.</summary>
    public DrainSlotsState Slots { get; init; } = new();

    /// <summary>Which nodes are quarantined.</summary>
    public QuarantineState Quarantine { get; init; } = new();

    /// <summary>The drains, oldest first.</summary>
    public IReadOnlyList<DrainEntry> Drains { get; init; } = [];
}

/// <summary>A drain that the fleet knows of.</summary>
internal sealed record DrainEntry
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Whether what is heard of its nodes still matters.</summary>
    public bool IsActive { get; init; }

    /// <summary><see cref="DrainRequest.Fingerprint"/> of what it was begun by.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Its beginning, until the operation itself has stored that.</summary>
    public DrainPlanState? Pending { get; init; }
}

/// <summary>
/// The pools, limits, drains and their budget: everything of the fleet that is stored before it is told.
/// </summary>
internal sealed class FleetDecider : IClockFollower
{
    /// <summary>How many drains are kept.</summary>
    internal const int MaxDrains = DrainPlan.MaxDrains;

    private readonly List<DrainEntry> _drains;
    private readonly List<string> _dropped = [];
    private readonly FleetTimings _timings;
    private DateTimeOffset? _begunAt;
    private DateTimeOffset? _recoveringUntil;
    private long _own;

    /// <summary>Goes on from a state that another activation may have written.</summary>
    /// <param name="state">The state.</param>
    /// <param name="timings">The fleet's times.</param>
    /// <param name="clock">This activation's clock, how it was set, and how many of its steps the state knows of.</param>
    internal FleetDecider(FleetRecord state, FleetTimings timings, (DateTimeOffset Now, ClockShift Shift) clock)
    {
        (_begunAt, _timings, Shift) = (state.BegunAt, timings, clock.Shift);
        var now = clock.Now;
        Generation = state.Generation ?? "";
        _recoveringUntil = state.IsRecovering || state.BegunAt is null ? now + timings.LeaseTime : null;
        Pools = new CatalogDecider(state.Pools.CountedFrom(now, timings));
        Limits = new LimitDecider(state.Limits);
        Slots = new DrainSlots(timings, state.Slots);
        Quarantine = new QuarantineDecider(state.Quarantine);
        _drains = [.. state.Drains];
    }

    /// <summary>Names this state among those that were begun before and after it; empty before it is.</summary>
    internal string Generation { get; private set; }

    /// <summary>Which pools are defined.</summary>
    internal CatalogDecider Pools { get; }

    /// <summary>Which limits are defined.</summary>
    internal LimitDecider Limits { get; }

    /// <summary>Which nodes are in which drain.</summary>
    internal DrainSlots Slots { get; }

    /// <summary>Which nodes are quarantined.</summary>
    internal QuarantineDecider Quarantine { get; }

    /// <summary>The drains, oldest first.</summary>
    internal IReadOnlyList<DrainEntry> Drains => _drains;

    /// <summary>Rises with every change that has to be stored.</summary>
    internal long Revision => _own + Pools.Revision + Limits.Revision + Slots.Revision + Quarantine.Revision;

    /// <summary>What has to be stored.</summary>
    internal FleetRecord ToState() => new()
    {
        BegunAt = _begunAt,
        Generation = Generation,
        IsRecovering = IsRecovering,
        Pools = Pools.ToState(),
        Limits = Limits.ToState(),
        Slots = Slots.ToState(),
        Quarantine = Quarantine.ToState(),
        Drains = [.. _drains],
    };

    /// <summary>Begins, if nothing was stored.</summary>
    internal void Begin(DateTimeOffset now)
    {
        if (Generation.Length > 0)
            return;
        _begunAt ??= now;
        Generation = Guid.NewGuid().ToString("n");
        _own++;
    }

    /// <summary>What is known may not be all that there was: it begins anew with what there is.</summary>
    internal void LoseMemory(DateTimeOffset now)
    {
        Generation = Guid.NewGuid().ToString("n");
        Recover(now);
    }

    /// <summary>There may be blocks that no pool knows of, for a lease time from now.</summary>
    internal void Recover(DateTimeOffset now)
    {
        _recoveringUntil = now + _timings.LeaseTime;
        _own++;
    }

    /// <summary>Whether blocks may be held that no pool knows of.</summary>
    internal bool IsRecovering => _recoveringUntil is not null;

    /// <summary>Recovers no longer, once a lease time has passed.</summary>
    internal void Settle(DateTimeOffset now)
    {
        if (!(_recoveringUntil <= now))
            return;
        _recoveringUntil = null;
        _own++;
    }

    /// <inheritdoc/>
    public ClockShift Shift { get; private set; }

    /// <inheritdoc/>
    public void Follow(ClockShift shift, DateTimeOffset now)
    {
        if (shift == Shift)
            return;
        Pools.OnClockStep(shift.Sum - Shift.Sum);
        Recover(now);
        Shift = shift;
    }

    /// <summary>Adds what was not here; drains count as older than all that was begun here.</summary>
    internal void Add(FleetImportPlan plan, DateTimeOffset now)
    {
        Recover(now);
        Pools.Retire(plan.Retired);
        foreach (var pool in plan.Pools)
            Pools.Put(pool.Pool);
        foreach (var rule in plan.Limits)
            Limits.Put(rule, expectedVersion: "", now);
        Slots.Add(plan.Slots);
        foreach (var one in plan.Quarantined)
            Quarantine.Restore(one);
        _drains.InsertRange(0, plan.Drains.Select(static drain => new DrainEntry
        {
            Id = drain.Id,
            IsActive = DrainPlan.IsActiveIn(drain),
            Fingerprint = drain.Fingerprint,
            Pending = DrainPlan.IsActiveIn(drain) ? drain : null,
        }));
    }

    /// <summary>A drain; null when it is not known.</summary>
    internal DrainEntry? Find(string drain) => _drains.Find(entry => entry.Id == drain);

    /// <summary>Takes a new drain; the oldest that is over makes room for it where there are too many.</summary>
    /// <returns>Whether there was room.</returns>
    internal bool TryAdd(DrainPlanState plan)
    {
        if (_drains.Count >= MaxDrains)
        {
            var oldest = _drains.FindIndex(static entry => !entry.IsActive);
            if (oldest < 0)
                return false;
            _dropped.Add(_drains[oldest].Id);
            _drains.RemoveAt(oldest);
        }
        _drains.Add(new DrainEntry
        {
            Id = plan.Id,
            IsActive = true,
            Fingerprint = plan.Fingerprint,
            Pending = plan,
        });
        _own++;
        return true;
    }

    /// <summary>The operation has stored its beginning.</summary>
    internal void Confirm(string drain) => Change(drain, static entry => entry with { Pending = null });

    /// <summary>What is heard of the drain's nodes matters no more.</summary>
    internal void End(string drain) => Change(drain, static entry => entry with { IsActive = false, Pending = null });

    /// <summary>The drains that were dropped since this was last asked.</summary>
    internal IReadOnlyList<string> TakeDropped()
    {
        if (_dropped.Count == 0)
            return [];
        string[] dropped = [.. _dropped];
        _dropped.Clear();
        return dropped;
    }

    private void Change(string drain, Func<DrainEntry, DrainEntry> change)
    {
        var index = _drains.FindIndex(entry => entry.Id == drain);
        if (index < 0 || change(_drains[index]) is var changed && changed == _drains[index])
            return;
        _drains[index] = changed;
        _own++;
    }
}
