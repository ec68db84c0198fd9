using Microsoft.Extensions.DependencyInjection;

namespace Relay.Grains.Hosting;

/// <summary>
/// Notices that Redis has come back without the table of members: it was started without its data. Orleans goes on with
/// what it remembers and signs nothing, so that silos which join later form a cluster of their own; beginning anew
/// mends it.
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
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // Redis is away: the silo goes on, and so does this.
                missed = 0;
            }
            catch (OperationCanceledException)
            {
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
