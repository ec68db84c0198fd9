using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>Nodes whose word is not taken.</content>
internal sealed partial class FleetGrain
{
    /// <inheritdoc/>
    public async Task<FleetResult<NodeQuarantine>> QuarantineNodeAsync(NamedChange change)
    {
        await KnowDrainsAsync();
        await FreshenAsync();
        return await ChangeQuarantineAsync(fleet => fleet.Quarantine.Put(change.Name, change.ExpectedVersion, _clock.Now));
    }

    /// <inheritdoc/>
    public Task<FleetResult<NodeQuarantine>> LiftQuarantineAsync(NamedChange change) =>
        ChangeQuarantineAsync(fleet => fleet.Quarantine.Lift(change.Name, change.ExpectedVersion));

    private async Task<FleetResult<NodeQuarantine>> ChangeQuarantineAsync(Func<FleetDecider, FleetResult<NodeQuarantine>> change)
    {
        var result = await _fleet.RunAsync(change);
        // Also where it is refused: one before it that seemed to fail may have been stored.
        FollowQuarantine();
        if (!result.IsOk)
            return result;
        // The stages take out of their sums what they have of it.
        await TellStagesAsync();
        await TryAsync("drains", AdvanceDrainsAsync);
        await _events.FlushAsync();
        return result;
    }

    private void FollowQuarantine()
    {
        var events = _registry.Follow(_fleet.Decider.Quarantine, _clock.Now);
        _events.Add(events);
        _isUnstored |= events.Count > 0;
        foreach (var node in events.Select(static happened => happened.Node!).Where(_fleet.Decider.Quarantine.Has))
            Close(node);
    }
}
