using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Fleet;

/// <summary>
/// Defines the pools of a file in the fleet, and again whenever what the fleet remembers has begun anew. What operators have
/// changed since stays as they changed it.
/// </summary>
public static class PoolDefinitions
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Defines those that are not there, for as long as the process lives; where the fleet does not answer, tries until it
    /// does.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static async Task KeepAsync(
        IReadOnlyList<PrefixPool> pools, IFleet fleet, ILogger log, TimeProvider clock, CancellationToken cancellation)
    {
        string? defined = null;
        while (pools.Count > 0)
        {
            var isDone = true;
            try
            {
                var generation = (await fleet.GetOverviewAsync(cancellation).ConfigureAwait(false)).Generation;
                if (generation != defined)
                {
                    foreach (var pool in pools)
                        isDone &= await TryDefineAsync(pool, fleet, log, cancellation).ConfigureAwait(false);
                    defined = isDone ? generation : defined;
                }
            }
            catch (FleetUnavailableException)
            {
                isDone = false;
            }
            await Task.Delay(isDone ? WatchPeriod : RetryPeriod, clock, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TryDefineAsync(
        PrefixPool pool, IFleet fleet, ILogger log, CancellationToken cancellation)
    {
        if (await fleet.GetPoolAsync(pool.Name, cancellation).ConfigureAwait(false) is { IsFound: false, Pool: var present })
        {
            if (present.Prefix != pool.Prefix || present.BlockLength != pool.BlockLength)
                Log.PoolDiffers(log, pool.Name, present.Prefix, present.BlockLength);
            return true;
        }
        // Empty: another coordinator may define it at this moment.
        var result = await fleet.PutPoolAsync(pool, "", cancellation).ConfigureAwait(false);
        if (result.IsOk)
            Log.PoolDefined(log, pool.Name, pool.Prefix, pool.BlockLength);
        else if (result.Status is not (FleetStatus.PreconditionFailed or FleetStatus.Unavailable))
            Log.PoolRefused(log, pool.Name, result.Detail ?? result.Status.ToString());
        return result.Status != FleetStatus.Unavailable;
    }
}
