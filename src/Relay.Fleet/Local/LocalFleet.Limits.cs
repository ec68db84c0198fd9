using Relay.Fleet.Contract;
using Relay.Fleet.Limits;

namespace Relay.Fleet.Local;

/// <content>Limits by identity.</content>
public sealed partial class LocalFleet
{
    private LimitDecider _limits = new();
    private readonly LimitTable _limitTable;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation) =>
        ReadAsync(_ => _limits.Rules);

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation) =>
        ChangeAsync(now => _limits.Put(rule, expectedVersion, now));

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation) =>
        ChangeAsync(_ => _limits.Delete(identity, expectedVersion));
}
