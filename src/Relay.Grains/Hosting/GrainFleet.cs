using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Fleet.State;
using Relay.Fleet.Stats;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// The fleet as a coordinator sees it: each operation is a call of the grain that decides it. Where nobody answers,
/// queries throw <see cref="FleetUnavailableException"/> and changes say so in their result.
/// </summary>
internal sealed partial class GrainFleet(ILogger<GrainFleet> logger, GrainClock clock) : IFleet, IFleetBackup, IMeasuredFleet
{
    private readonly GrainCalls _calls = new(logger, clock);

    /// <inheritdoc/>
    public string? MeterName { get; init; }

    /// <summary>From now on calls go through this silo.</summary>
    internal void Attach(IGrainFactory grains) => _calls.Attach(grains);

    /// <summary>There is no silo; calls fail at once.</summary>
    /// <param name="reason">Why, for whoever calls; null where it is not known.</param>
    internal void Detach(string? reason = null) => _calls.Detach(reason);

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellation)
    {
        var standing = await _calls.AskAsync(
            static grains => grains.GetGrain<IMemberGrain>(GrainKeys.Single).GetStandingAsync(), cancellation);
        if (!standing.IsMember)
            throw new FleetUnavailableException("this coordinator is not a member of its cluster at the moment");
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeInfo>> ForgetNodeAsync(string node, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Fleet(grains).ForgetNodeAsync(node), cancellation, isIdempotent: false);

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeQuarantine>> QuarantineNodeAsync(
        string node, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).QuarantineNodeAsync(new NamedChange(node, expectedVersion)), cancellation, expectedVersion is null);

    /// <inheritdoc/>
    public ValueTask<FleetResult<NodeQuarantine>> LiftQuarantineAsync(
        string node, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).LiftQuarantineAsync(new NamedChange(node, expectedVersion)), cancellation, isIdempotent: false);

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Fleet(grains).StartDrainAsync(request), cancellation);

    /// <inheritdoc/>
    public async ValueTask<FleetResult<DrainInfo?>> UndrainAsync(string node, CancellationToken cancellation)
    {
        var result = await _calls.ChangeAsync(grains => Fleet(grains).UndrainAsync(node), cancellation);
        return new FleetResult<DrainInfo?>(result.Status, result.Value, result.Detail, result.Field);
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<DrainInfo>> CancelDrainAsync(string drain, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Fleet(grains).CancelDrainAsync(drain), cancellation);

    /// <inheritdoc/>
    public async ValueTask<DrainInfo?> GetDrainAsync(string drain, CancellationToken cancellation) =>
        // A name that no drain can have wakes no grain.
        drain.Length is 0 or > 64
            ? null
            : await _calls.AskAsync(grains => grains.GetGrain<IDrainGrain>(drain).GetAsync(), cancellation);

    /// <inheritdoc/>
    public async ValueTask<Page<DrainInfo>> ListDrainsAsync(
        int limit, string? cursor, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
        {
            var ids = await Fleet(grains).ListDrainsAsync(new PageRequest(Clamp(limit), cursor));
            var drains = await Task.WhenAll(ids.Items.Select(id => grains.GetGrain<IDrainGrain>(id).GetAsync()));
            return new Page<DrainInfo>([.. drains.OfType<DrainInfo>()], ids.Next);
        }, cancellation);

    /// <inheritdoc/>
    public async ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains => FleetStatsMerge.Merge(await Task.WhenAll(
            Enumerable.Range(0, GrainKeys.StatsShards)
                .Select(shard => grains.GetGrain<IStatsGrain>(shard).ReadAsync(windowSeconds)))), cancellation);

    /// <inheritdoc/>
    public async ValueTask<EventBatch> ReadEventsAsync(string? position, CancellationToken cancellation) =>
        await _calls.AskAsync(
            grains => Events(grains).ReadAsync(new EventQuestion(position)), cancellation);

    /// <inheritdoc/>
    public async ValueTask<EventPage> ReadHistoryAsync(EventQuery query, CancellationToken cancellation) =>
        await _calls.AskAsync(grains => Events(grains).ReadHistoryAsync(query), cancellation);

    /// <inheritdoc/>
    public async ValueTask RecordAsync(IReadOnlyList<FleetEvent> records, long lost, CancellationToken cancellation) =>
        await _calls.AskAsync(
            async grains =>
            {
                await Events(grains).AppendAsync(new EventList(records, lost));
                return true;
            },
            cancellation);

    /// <inheritdoc/>
    public async ValueTask<FleetState> ExportAsync(CancellationToken cancellation)
    {
        var state = await _calls.AskAsync(static grains => Fleet(grains).ExportAsync(), cancellation);
        return state with { Users = await ExportUsersAsync(cancellation) };
    }

    /// <inheritdoc/>
    public async ValueTask<FleetResult<FleetImport>> ImportAsync(FleetState state, CancellationToken cancellation)
    {
        try
        {
            // Users are compared first, and added last: what speaks against one of them keeps all else out as well.
            var compared = await ImportUsersAsync(state, isAdding: false, cancellation);
            if (!compared.IsOk)
                return compared;
            var result = await _calls.ChangeAsync(grains => Fleet(grains).ImportAsync(state with { Users = null }), cancellation);
            if (result.Value is not { } import)
                return result;
            var users = await ImportUsersAsync(state, isAdding: true, cancellation);
            return users.Value is { } added
                ? FleetResult.Ok(import with { Users = added.Users, RemovedUsers = added.RemovedUsers }) : users;
        }
        catch (FleetUnavailableException exception)
        {
            return FleetResult.Unavailable<FleetImport>(exception.Message);
        }
    }

    private static int Clamp(int limit) => Math.Clamp(limit, 1, 1000);

    private static IEventsGrain Events(IGrainFactory grains) => grains.GetGrain<IEventsGrain>(GrainKeys.Single);

    private static IFleetGrain Fleet(IGrainFactory grains) => grains.GetGrain<IFleetGrain>(GrainKeys.Single);
}
