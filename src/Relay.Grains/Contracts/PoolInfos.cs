using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>Pools as operators see them: how much is in use by the pool's account, whether it is defined by the catalog's.</summary>
internal static class PoolInfos
{
    /// <summary>One pool; null when there is none of that name.</summary>
    internal static async Task<PrefixPoolInfo?> GetInfoAsync(this IGrainFactory grains, string pool, bool isFound)
    {
        var info = await grains.GetGrain<IPrefixPoolGrain>(pool).GetInfoAsync();
        // Defined, and all that the pool knew is lost: it defines itself anew by what the catalog has.
        return info is null || (info.IsFound && !isFound) ? null : info with { IsFound = isFound };
    }

    /// <summary>All pools, by name.</summary>
    internal static async Task<IReadOnlyList<PrefixPoolInfo>> GetInfosAsync(this IGrainFactory grains, PoolNames pools)
    {
        var infos = await Task.WhenAll(
            pools.Names.Select(name => grains.GetInfoAsync(name, isFound: false))
                .Concat(pools.Found.Select(name => grains.GetInfoAsync(name, isFound: true))));
        return [.. infos.OfType<PrefixPoolInfo>().OrderBy(static info => info.Pool.Name, StringComparer.Ordinal)];
    }
}
