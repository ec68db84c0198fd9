using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>The fleet at a glance.</content>
internal sealed partial class FleetGrain
{
    private static readonly TimeSpan PoolPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SiloPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromMinutes(1);

    private IReadOnlyList<PrefixPoolInfo> _pools = [];
    private long _poolsAt;
    private IReadOnlyList<FleetWarning> _storeWarnings = [];
    private long _storeAskedAt;
    private IReadOnlyList<FleetWarning> _siloWarnings = [];
    private long _silosAskedAt;
    private Task _askingSilos = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<FleetOverview> GetOverviewAsync()
    {
        await FreshenAsync();
        await TryAsync("pools", PollPoolsAsync);
        await TryAsync("storage", AskStoreAsync);
        // A node may have been told of what was changed since it was asked for.
        if (_userStanding is { } users && UserStoreInfo.Of(users, _registry.Nodes).Waiting.Count > 0)
            await TryAsync("users", AskUsersAsync);
        // Not waited for: where the table of members is away, the fleet is still to be seen.
        if (_askingSilos.IsCompleted && IsDue(_silosAskedAt, SiloPeriod))
            (_askingSilos = AskSilosAsync()).Ignore();
        return new FleetOverview
        {
            Coordination = "orleans",
            ClusterId = _config.ClusterId,
            Generation = _fleet.Decider.Generation,
            Coordinators = Math.Max(1, _silos.GetActiveSilos().Length),
            Nodes = _registry.CountByState,
            Load = Load,
            Rates = Rates,
            DrainsRunning = _drivers.Values.Count(static driver => driver.IsRunning),
            DrainsHeldUp = _drivers.Values.Count(static driver => driver.IsHeldUp),
            DrainsToReturn = _drivers.Values.Count(static driver => driver.IsToReturn),
            DrainStillSeconds = (int)_drivers.Values
                .Select(driver => (_clock.Now - driver.MovedAt)?.TotalSeconds ?? 0).Append(0).Max(),
            OldestReportSeconds = (int?)_registry.LongestUnheard?.TotalSeconds,
            Warnings = [.. _storeWarnings, .. _siloWarnings, .. FleetWarnings.Of(
                _registry.Nodes, _pools, _registry.Heard.SelectMany(static node => node.Leases), _fleet.Decider.IsRecovering,
                _userStanding)],
        };
    }

    private async Task AskStoreAsync()
    {
        if (!IsDue(_storeAskedAt, WarningPeriod))
            return;
        _storeAskedAt = _clock.Time.GetTimestamp();
        await _fleet.FollowHistoryAsync();
        _storeWarnings = await _store.ReadWarningsAsync();
    }

    private async Task AskSilosAsync()
    {
        _silosAskedAt = _clock.Time.GetTimestamp();
        _siloWarnings = SiloWarnings.Of(
            await GrainFactory.GetGrain<IManagementGrain>(0).GetDetailedHosts(), _clock.Now);
    }

    private bool IsDue(long last, TimeSpan period) => last == 0 || _clock.Time.GetElapsedTime(last) >= period;

    // Asking also wakes a pool whose silo died, so that what runs out is seen to.
    private async Task PollPoolsAsync()
    {
        if (_clock.Ticks && !IsDue(_poolsAt, PoolPeriod))
            return;
        _poolsAt = _clock.Time.GetTimestamp();
        _pools = await GrainFactory.GetInfosAsync(Names());
    }
}
