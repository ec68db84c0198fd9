using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>The fleet at a glance.</content>
internal sealed partial class FleetGrain
{
    private static readonly TimeSpan PoolPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromMinutes(1);

    private IReadOnlyList<PrefixPoolInfo> _pools = [];
    private long _poolsAt;
    private IReadOnlyList<FleetWarning> _storeWarnings = [];
    private long _storeAskedAt;

    /// <inheritdoc/>
    public async Task<FleetOverview> GetOverviewAsync()
    {
        await FreshenAsync();
        await TryAsync("pools", PollPoolsAsync);
        await TryAsync("storage", AskStoreAsync);
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
            Warnings = [.. _storeWarnings, .. FleetWarnings.Of(
                _registry.Nodes, _pools, _registry.Heard.SelectMany(static node => node.Leases))],
        };
    }

    private async Task AskStoreAsync()
    {
        if (_storeAskedAt != 0 && _clock.Time.GetElapsedTime(_storeAskedAt) < WarningPeriod)
            return;
        _storeAskedAt = _clock.Time.GetTimestamp();
        _storeWarnings = await _store.ReadWarningsAsync();
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
