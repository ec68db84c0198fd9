using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Fleet;

/// <summary>
/// Defines the pools of a file in the fleet. What operators have changed since stays as they changed it.
/// </summary>
public static class PoolDefinitions
{
    /// <summary>Defines those that are not there; where the fleet does not answer yet, tries until it does.</summary>
    public static async Task ApplyAsync(
        IReadOnlyList<PrefixPool> pools, IFleet fleet, ILogger log, TimeProvider clock, CancellationToken cancellation)
    {
        foreach (var pool in pools)
        {
            while (!await TryApplyAsync(pool, fleet, log, cancellation).ConfigureAwait(false))
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TryApplyAsync(
        PrefixPool pool, IFleet fleet, ILogger log, CancellationToken cancellation)
    {
        try
        {
            if (await fleet.GetPoolAsync(pool.Name, cancellation).ConfigureAwait(false) is { Pool: var present })
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
        catch (FleetUnavailableException)
        {
            return false;
        }
    }
}
