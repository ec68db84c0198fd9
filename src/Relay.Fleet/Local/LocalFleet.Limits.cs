using Relay.Fleet.Contract;
using Relay.Fleet.Limits;

namespace Relay.Fleet.Local;

/// <content>Limits by identity.</content>
public sealed partial class LocalFleet
{
    private readonly LimitBook limits = new();
    private readonly LimitTable limitTable;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(limits.Rules);
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(limits.Put(rule, expectedVersion, Now));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation)
    {
        lock (gate)
            return ValueTask.FromResult(limits.Delete(identity, expectedVersion));
    }
}
