using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Grains.State;

namespace Relay.Grains.Drains;

/// <summary>What is stored of a drain.</summary>
internal sealed record DrainRecord : StoredRecord
{
    /// <summary>The operation; null when there is none.</summary>
    public DrainPlanState? Plan { get; init; }
}

/// <summary>A drain's plan, if there is one.</summary>
/// <param name="record">The record.</param>
/// <param name="timings">The fleet's times.</param>
/// <param name="stored">How the clock was set when that was stored.</param>
internal sealed class DrainDecider(DrainRecord record, FleetTimings timings, ClockShift stored) : IClockFollower
{
    private long _own;

    /// <summary>The plan; null before the operation begins and after it is forgotten.</summary>
    internal DrainPlan? Plan { get; private set; } = record.Plan is { } state ? new DrainPlan(state, timings) : null;

    /// <summary>Rises with every change that has to be stored.</summary>
    internal long Revision => _own + (Plan?.Revision ?? 0);

    /// <inheritdoc/>
    public ClockShift Shift { get; private set; } = stored;

    /// <summary>What has to be stored.</summary>
    internal DrainRecord ToRecord() => new() { Plan = Plan?.ToState() };

    /// <inheritdoc/>
    public void Follow(ClockShift shift, DateTimeOffset now)
    {
        if (shift == Shift)
            return;
        Plan?.OnClockStep(shift.Sum - Shift.Sum);
        Shift = shift;
    }

    /// <summary>Begins; of an operation that has begun it changes nothing.</summary>
    internal void Create(DrainPlanState state, FleetTimings with)
    {
        if (Plan is not null)
            return;
        Plan = new DrainPlan(state, with);
        _own++;
    }

    /// <summary>The operation is no longer kept.</summary>
    internal void Forget()
    {
        if (Plan is null)
            return;
        _own += Plan.Revision + 1;
        Plan = null;
    }
}
