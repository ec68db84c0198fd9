using Microsoft.Extensions.DependencyInjection;
using Orleans.Clustering.Redis;

namespace Relay.Grains.Hosting;

/// <summary>
/// Notices that Redis has lost the table of members: it was started without its data, or emptied. Orleans goes on with
/// what it remembers, signs nothing and declares nobody dead, and silos which join later form a cluster of their own;
/// beginning anew mends it.
/// </summary>
internal static class MembershipGuard
{
    /// <summary>
    /// Reads the table now and then; ends the silo when the table answers and twice does not know it.
    /// </summary>
    internal static async Task WatchAsync(RunningSilo silo, TimeSpan period, CancellationToken cancellation)
    {
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        var address = silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var missed = 0;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(period, cancellation);
                var row = await table.ReadRowAsync(address, cancellation).WaitAsync(period, cancellation);
                missed = row.Members.Count == 0 ? missed + 1 : 0;
            }
            catch (RedisClusteringException) when (!cancellation.IsCancellationRequested)
            {
                // Redis has answered, and there is no table: Orleans 10.4.2 throws this where the table's version is
                // missing. A Redis that is away, or loads its file, throws exceptions of its own.
                missed++;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // Redis is away: the silo goes on, and so does this.
                missed = 0;
            }
            catch (Exception)
            {
                // The silo is ended.
                return;
            }
            if (missed >= 2)
            {
                silo.Fail("the table of members in Redis has lost this silo");
                return;
            }
        }
    }
}
