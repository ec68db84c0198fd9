using Relay.Fleet.Contract;
using Relay.Fleet.Limits;

namespace Relay.Fleet.Local;

/// <content>Limits by identity.</content>
public sealed partial class LocalFleet
{
    private readonly LimitDecider _limits = new();
    private readonly LimitTable _limitTable;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_limits.Rules);
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_limits.Put(rule, expectedVersion, Now));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(_limits.Delete(identity, expectedVersion));
    }
}
