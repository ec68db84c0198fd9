using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>Pools and limits.</content>
internal sealed partial class GrainFleet
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PrefixPoolInfo>> ListPoolsAsync(CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
        {
            var names = await Fleet(grains).ListPoolsAsync();
            return await grains.GetInfosAsync(names);
        }, cancellation);

    /// <inheritdoc/>
    public async ValueTask<PrefixPoolInfo?> GetPoolAsync(string pool, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
            // Not the question that pools ask: that waits for a change that is under way.
            await grains.GetInfoAsync(pool, isFound: !(await Fleet(grains).ListPoolsAsync()).Names.Contains(pool)), cancellation);

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        PrefixPool pool, string? expectedVersion, bool isNew, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).PutPoolAsync(new PoolChange(pool, expectedVersion, isNew)), cancellation,
            isIdempotent: expectedVersion is null);

    /// <inheritdoc/>
    public ValueTask<FleetResult<PrefixPoolInfo>> DeletePoolAsync(
        string pool, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).DeletePoolAsync(new NamedChange(pool, expectedVersion)), cancellation,
            isIdempotent: false);

    /// <inheritdoc/>
    public async ValueTask<Page<LeaseInfo>?> ListLeasesAsync(
        string pool, int limit, string? cursor, CancellationToken cancellation) =>
        await _calls.AskAsync(
            grains => grains.GetGrain<IPrefixPoolGrain>(pool).ListAsync(new PageRequest(Clamp(limit), cursor)),
            cancellation);

    /// <inheritdoc/>
    public ValueTask<FleetResult<LeaseInfo>> RevokeLeaseAsync(
        string pool, Prefix prefix, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => grains.GetGrain<IPrefixPoolGrain>(pool).RevokeAsync(new PrefixList([prefix])), cancellation);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation) =>
        (await _calls.AskAsync(static grains => Fleet(grains).ListLimitsAsync(), cancellation)).Rules;

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).PutLimitAsync(new LimitChange(rule, expectedVersion)), cancellation,
            isIdempotent: expectedVersion is null);

    /// <inheritdoc/>
    public ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).DeleteLimitAsync(new NamedChange(identity, expectedVersion)), cancellation,
            isIdempotent: false);
}
