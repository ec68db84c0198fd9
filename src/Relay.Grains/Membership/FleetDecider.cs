using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;

namespace Relay.Grains.Membership;

/// <summary>What is stored of the fleet, beside its nodes.</summary>
internal sealed record FleetRecord
{
    /// <summary>When this state was begun: before that there may have been another, which is lost.</summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>Which pools are defined.</summary>
    public PoolCatalogState Pools { get; init; } = new();

    /// <summary>Which limits are defined.</summary>
    public LimitBookState Limits { get; init; } = new();

    /// <summary>Which nodes are in which drain.</summary>
    public DrainSlotsState Slots { get; init; } = new();

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
internal sealed class FleetDecider
{
    /// <summary>How many drains are kept.</summary>
    internal const int MaxDrains = 1000;

    private readonly List<DrainEntry> _drains;
    private readonly List<string> _dropped = [];
    private long _own;

    internal FleetDecider(FleetRecord state, FleetTimings timings)
    {
        BegunAt = state.BegunAt;
        Pools = new CatalogDecider(state.Pools);
        Limits = new LimitDecider(state.Limits);
        Slots = new DrainSlots(timings, state.Slots);
        _drains = [.. state.Drains];
    }

    /// <summary>When this state was begun; null before it is.</summary>
    internal DateTimeOffset? BegunAt { get; private set; }

    /// <summary>Which pools are defined.</summary>
    internal CatalogDecider Pools { get; }

    /// <summary>Which limits are defined.</summary>
    internal LimitDecider Limits { get; }

    /// <summary>Which nodes are in which drain.</summary>
    internal DrainSlots Slots { get; }

    /// <summary>The drains, oldest first.</summary>
    internal IReadOnlyList<DrainEntry> Drains => _drains;

    /// <summary>Rises with every change that has to be stored.</summary>
    internal long Revision => _own + Pools.Revision + Limits.Revision + Slots.Revision;

    /// <summary>What has to be stored.</summary>
    internal FleetRecord ToState() => new()
    {
        BegunAt = BegunAt,
        Pools = Pools.ToState(),
        Limits = Limits.ToState(),
        Slots = Slots.ToState(),
        Drains = [.. _drains],
    };

    /// <summary>Begins, if nothing was stored.</summary>
    internal void Begin(DateTimeOffset now)
    {
        if (BegunAt is not null)
            return;
        BegunAt = now;
        _own++;
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
