using Relay.Fleet.Contract;
using Relay.Fleet.Leases;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Pools;

/// <summary>A pool's allocator, and whether it may grant. What changes it is stored before it is told.</summary>
internal sealed class PoolDecider : IClockFollower
{
    private readonly FleetTimings _timings;
    private PoolRecord _record;
    private long _own;

    /// <summary>Goes on from a record that another activation may have written.</summary>
    /// <param name="record">The record.</param>
    /// <param name="timings">The fleet's times.</param>
    /// <param name="clock">This activation's clock, how it was set, and how many of its steps the record knows of.</param>
    internal PoolDecider(PoolRecord record, FleetTimings timings, (DateTimeOffset Now, ClockShift Shift, ClockShift Stored) clock)
    {
        (_record, _timings, Shift) = (record, timings, clock.Shift);
        Restore(record.State, clock.Now);
    }

    /// <summary>The allocator; null when there is no such pool.</summary>
    internal PrefixAllocator? Allocator { get; private set; }

    /// <summary>Whether the catalog is known to have the definition.</summary>
    internal bool IsConfirmed => _record.IsConfirmed;

    /// <summary>What is never granted.</summary>
    internal IReadOnlyList<Prefix> Excluded => _record.Excluded;

    /// <summary>Rises with every change that has to be stored.</summary>
    internal long Revision => _own + (Allocator?.Revision ?? 0);

    /// <inheritdoc/>
    public ClockShift Shift { get; private set; }

    /// <summary>What has to be stored.</summary>
    internal PoolRecord ToRecord() => _record with { State = Allocator?.ToState() };

    /// <inheritdoc/>
    public void Follow(ClockShift shift, DateTimeOffset now)
    {
        if (shift == Shift)
            return;
        Allocator?.OnClockStep(shift.Sum - Shift.Sum, now);
        Shift = shift;
    }

    /// <summary>Takes a definition that the catalog may not have yet.</summary>
    /// <param name="creation">The definition.</param>
    /// <param name="found">What nodes hold of the pool, where nothing is known of it.</param>
    /// <param name="random">Where a new pool's search for blocks begins.</param>
    /// <param name="now">This activation's clock.</param>
    internal FleetResult<LeaseList> Define(
        PoolCreation creation, IReadOnlyCollection<PrefixLease> found, Random random, DateTimeOffset now)
    {
        if (Allocator is null && PrefixAllocator.MisfitOf(creation.Pool, found) is { } misfit)
            return FleetResult.Conflict<LeaseList>(misfit);
        var isKnown = Allocator is not null;
        Allocator?.Expire(now);
        if (creation.IsNew && PrefixAllocator.HolderOf(creation.Pool.Name, Allocator?.Leases ?? found) is { } holder)
            return FleetResult.Conflict<LeaseList>(holder);
        IReadOnlyList<PrefixLease> misfits = [];
        var wasRecovering = false;
        if (Allocator is not null)
        {
            wasRecovering = Allocator.IsRecovering(now);
            var before = Allocator.Pool.Prefix;
            var result = Allocator.Redefine(creation.Pool, now);
            if (!result.IsOk)
                return result.As<LeaseList>();
            misfits = result.Value!;
            // Of what it had before it knows; of what it gets, as little as a new one.
            if (creation.IsRecovering && !before.Contains(creation.Pool.Prefix))
                Allocator.Recover(now);
        }
        if (creation.IsNew)
            Allocator?.SkipRecovery();
        // Of one that is known here what is written elsewhere says nothing but that more may be held.
        else if (creation.From is not null)
            Allocator?.Recover(now);
        Set(_record with { IsConfirmed = false, Excluded = creation.Excluded });
        if (Allocator is not null)
            Allocator.Exclude(creation.Excluded);
        else if (creation.From is { } from)
            Restore(PrefixAllocator.Import(from, now, _timings.LeaseTime, found), now);
        else
            Restore(PrefixAllocator.Create(
                creation.Pool, random, now,
                creation.IsRecovering || found.Count > 0 ? now + _timings.LeaseTime : null, found));
        if (isKnown && !creation.IsNew)
            FollowCatalog(creation.Generation, now);
        else
            Set(_record with { Generation = creation.Generation });
        return FleetResult.Ok(new LeaseList(misfits, wasRecovering));
    }

    /// <summary>The catalog has a definition, or has none: grants follow it.</summary>
    internal void Confirm(PrefixPool? pool)
    {
        var isConfirmed = pool is not null && pool == Allocator?.Pool;
        if (isConfirmed != _record.IsConfirmed)
            Set(_record with { IsConfirmed = isConfirmed });
    }

    /// <summary>The catalog is in a state: where that is another than the last time, it was lost, and what is known here may be too.</summary>
    internal void FollowCatalog(string? generation, DateTimeOffset now)
    {
        if (generation is null || generation == _record.Generation)
            return;
        if (_record.Generation is not null)
            Allocator?.Recover(now);
        Set(_record with { Generation = generation });
    }

    /// <summary>Grants nothing any more.</summary>
    internal void Close() => Confirm(null);

    /// <summary>There is no such pool any more.</summary>
    internal void Remove()
    {
        Allocator = null;
        Set(new PoolRecord());
    }

    /// <summary>Says what is never granted.</summary>
    internal void Exclude(IReadOnlyList<Prefix> prefixes)
    {
        if (prefixes.SequenceEqual(_record.Excluded))
            return;
        Set(_record with { Excluded = prefixes });
        Allocator?.Exclude(prefixes);
    }

    private void Set(PoolRecord record)
    {
        _record = record;
        _own++;
    }

    private void Restore(PrefixPoolState? state, DateTimeOffset? restoredAt = null)
    {
        // The sum of both counters must rise, also over a new allocator that counts from the beginning.
        _own += Allocator?.Revision ?? 0;
        Allocator = state is null ? null : new PrefixAllocator(state, _timings, restoredAt);
        Allocator?.Exclude(_record.Excluded);
    }
}
