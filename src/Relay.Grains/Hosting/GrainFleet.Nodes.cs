using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>
/// Nodes. Which there are, and what becomes of them, is the fleet's grain's to say; what each carries, that of the stage that it reports
/// to, which is asked for the nodes of a page.
/// </content>
internal sealed partial class GrainFleet
{
    // What a stage that does not answer knows is then as old as what the fleet's grain was told last.
    private static readonly TimeSpan LongestStage = TimeSpan.FromSeconds(1);

    private readonly OverviewCache _overview = new(clock);

    /// <inheritdoc/>
    public async ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation) => await _overview.ReadAsync(_calls, cancellation);

    /// <inheritdoc/>
    public async ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
        {
            var page = await Fleet(grains).ListNodesAsync(new PageRequest(Clamp(limit), cursor));
            return page with { Items = await FreshenAsync(grains, page.Items) };
        }, cancellation);

    /// <inheritdoc/>
    public async ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
        {
            if (await Fleet(grains).GetNodeAsync(node) is not { } info)
                return null;
            info = (await FreshenAsync(grains, [info]))[0];
            // The node's own account of its leases is of its last report; of one node the pools can be asked.
            var leases = await Task.WhenAll(info.Leases.Select(static lease => lease.Pool).Distinct()
                .Select(pool => grains.GetGrain<IPrefixPoolGrain>(pool).GetLeasesOfAsync(node)));
            return info with { Leases = [.. leases.SelectMany(static list => list.Leases)] };
        }, cancellation);

    /// <inheritdoc/>
    public async ValueTask<NodeHistory?> GetNodeHistoryAsync(string node, int windowSeconds, CancellationToken cancellation) =>
        await _calls.AskAsync(async grains =>
            // Of a name that nobody has no grain is to be made.
            await Fleet(grains).GetNodeAsync(node) is null ? null
                : await grains.GetGrain<INodeGrain>(node).GetHistoryAsync(new HistoryQuestion(windowSeconds)), cancellation);

    private async Task<IReadOnlyList<NodeInfo>> FreshenAsync(IGrainFactory grains, IReadOnlyList<NodeInfo> nodes)
    {
        var shown = await Task.WhenAll(nodes.Where(static node => node.State != NodeState.Silent)
            .GroupBy(static node => GrainKeys.ShardOf(node.Id), static node => node.Id)
            .Select(part => ShowAsync(grains, part.Key, new NameList([.. part]))));
        var fresh = shown.SelectMany(static part => part.Nodes).ToDictionary(static node => node.Id, StringComparer.Ordinal);
        return [.. nodes.Select(node =>
            fresh.TryGetValue(node.Id, out var info) && info.Incarnation == node.Incarnation
                ? info with { DrainId = node.DrainId, DesiredState = node.DesiredState } : node)];
    }

    private async Task<NodeList> ShowAsync(IGrainFactory grains, int shard, NameList names)
    {
        try
        {
            return await grains.GetGrain<IStatsGrain>(shard).ShowAsync(names).WaitAsync(clock.Patience(LongestStage));
        }
        catch (Exception)
        {
            return new NodeList([]);
        }
    }
}
