using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>Time, where somebody drives it: what the grains' timers do otherwise.</content>
internal sealed partial class GrainFleet
{
    /// <summary>Lets time do its part in every grain that time concerns. For tests.</summary>
    internal async Task TickAsync(CancellationToken cancellation)
    {
        await _heard.TellAsync(_calls);
        await _calls.AskAsync(async grains =>
        {
            await Fleet(grains).TickAsync();
            var pools = await Fleet(grains).ListPoolsAsync();
            await Task.WhenAll(
                pools.Names.Concat(pools.Found).Select(pool => grains.GetGrain<IPrefixPoolGrain>(pool).TickAsync()));
            await Task.WhenAll(Enumerable.Range(0, GrainKeys.StatsShards).Select(shard => grains.GetGrain<IUsageGrain>(shard).TickAsync()));
            await Events(grains).TickAsync();
            return true;
        }, cancellation);
    }
}
