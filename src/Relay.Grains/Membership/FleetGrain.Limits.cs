using Relay.Fleet.Contract;
using Relay.Fleet.Limits;
using Relay.Grains.Contracts;

namespace Relay.Grains.Membership;

/// <content>Which limits are defined, and who has used up his.</content>
internal sealed partial class FleetGrain
{
    // Said again every few seconds by who it concerns; else it is over.
    private static readonly TimeSpan UsedUpTime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, DateTimeOffset> _usedUp = new(StringComparer.Ordinal);
    private readonly long _firstVersion = Random.Shared.NextInt64(1L << 40);
    private long _limitChanges;

    // Not the same for two activations either.
    private long LimitsVersion => _firstVersion + _limitChanges;

    /// <inheritdoc/>
    public Task<LimitList> ListLimitsAsync() =>
        Task.FromResult(new LimitList(_fleet.Decider.Limits.Rules, LimitsVersion, [.. _usedUp.Keys]));

    /// <inheritdoc/>
    public Task RecordUsedUpAsync(UsedUpNotice notice)
    {
        var isNew = notice.IsUsedUp ? !_usedUp.ContainsKey(notice.Identity) : _usedUp.Remove(notice.Identity);
        if (notice.IsUsedUp && (!isNew || _usedUp.Count < LimitDecider.MaxRules))
            _usedUp[notice.Identity] = _clock.Now + UsedUpTime;
        if (!isNew)
            return Task.CompletedTask;
        _limitChanges++;
        return FreshenAsync();
    }

    /// <inheritdoc/>
    public Task<FleetResult<LimitRule>> PutLimitAsync(LimitChange change) =>
        ChangeLimitsAsync(fleet => fleet.Limits.Put(change.Rule, change.ExpectedVersion, _clock.Now));

    /// <inheritdoc/>
    public Task<FleetResult<LimitRule>> DeleteLimitAsync(NamedChange change) =>
        ChangeLimitsAsync(fleet => fleet.Limits.Delete(change.Name, change.ExpectedVersion));

    private async Task<FleetResult<LimitRule>> ChangeLimitsAsync(Func<FleetDecider, FleetResult<LimitRule>> change)
    {
        var result = await _fleet.RunAsync(change);
        if (result.IsOk)
        {
            _limitChanges++;
            await PullAsync();
        }
        return result;
    }

    private void ExpireUsedUp()
    {
        foreach (var identity in _usedUp.Where(entry => entry.Value <= _clock.Now).Select(static entry => entry.Key)
            .ToList())
        {
            _usedUp.Remove(identity);
            _limitChanges++;
        }
    }
}
