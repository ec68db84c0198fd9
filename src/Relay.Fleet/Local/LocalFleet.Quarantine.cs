using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Local;

/// <content>Nodes whose word is not taken.</content>
public sealed partial class LocalFleet
{
    private QuarantineDecider _quarantine = new();

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeQuarantine>> QuarantineNodeAsync(
        string node, string? expectedVersion, CancellationToken cancellation) => ChangeAsync(now =>
    {
        if (_registry.Find(node) is null)
            return FleetResult.NotFound<NodeQuarantine>($"there is no node {node}");
        var result = _quarantine.Put(node, expectedVersion, now);
        FollowQuarantine(now);
        SettleDrains(now);
        return result;
    });

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeQuarantine>> LiftQuarantineAsync(
        string node, string? expectedVersion, CancellationToken cancellation) => ChangeAsync(now =>
    {
        var result = _quarantine.Lift(node, expectedVersion);
        FollowQuarantine(now);
        return result;
    });

    private void FollowQuarantine(DateTimeOffset now)
    {
        var events = _registry.Follow(_quarantine, now);
        Tell(events);
        foreach (var node in events.Select(happened => _registry.Find(happened.Node!)!).Where(static node => node.Quarantine is not null))
        {
            if (_trackers.Remove(node.Id, out var tracker))
                tracker.OnSilent();
            OnGone(node.Id, now);
            _stats.Remove(node.Id, now);
            if (!IsHeldUp)
                PlanOf(node.Id)?.Observe(node, now);
        }
    }
}
