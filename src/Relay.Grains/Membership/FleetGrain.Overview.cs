using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>The fleet at a glance.</content>
internal sealed partial class FleetGrain
{
    private static readonly FleetWarning NoPersistence = new(
        "no-persistence", "this fleet has one coordinator and no Redis: its pools, limits and drains end with it");

    private static readonly TimeSpan PoolPeriod = TimeSpan.FromSeconds(5);

    private IReadOnlyList<PrefixPoolInfo> _pools = [];
    private long _poolsAt;

    /// <inheritdoc/>
    public async Task<FleetOverview> GetOverviewAsync()
    {
        await FreshenAsync();
        await TryAsync("pools", PollPoolsAsync);
        IEnumerable<FleetWarning> own = _config.Redis is null ? [NoPersistence] : [];
        return new FleetOverview
        {
            Coordination = "orleans",
            ClusterId = _config.ClusterId,
            Generation = _fleet.Decider.Generation,
            Coordinators = Math.Max(1, _silos.GetActiveSilos().Length),
            Nodes = _registry.CountByState,
            Load = _registry.Load,
            Rates = _registry.Rates,
            DrainsRunning = _drivers.Values.Count(static driver => driver.IsRunning),
            Warnings = [.. own, .. FleetWarnings.Of(
                _registry.Nodes, _pools, _registry.Heard.SelectMany(static node => node.Leases))],
        };
    }

    // Asking also wakes a pool whose silo died, so that what runs out is seen to.
    private async Task PollPoolsAsync()
    {
        if (_clock.Ticks && _poolsAt != 0 && _clock.Time.GetElapsedTime(_poolsAt) < PoolPeriod)
            return;
        _poolsAt = _clock.Time.GetTimestamp();
        _pools = await GrainFactory.GetInfosAsync(Names());
    }
}
