using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Node.Hosting;

/// <summary>Defines the pools of <c>--prefix-pools</c> in a fleet that this process hosts, as soon as it can.</summary>
internal static class PoolDefinitions
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    /// <summary>Defines each pool that is not there yet; what operators have changed since stays.</summary>
    public static async Task ApplyAsync(
        IReadOnlyList<PrefixPool> pools, IFleet fleet, ILogger log, CancellationToken cancellation)
    {
        foreach (var pool in pools)
        {
            // Storage may not be there yet.
            while (await PutAsync(pool, fleet, log, cancellation).ConfigureAwait(false) == FleetStatus.Unavailable)
                await Task.Delay(RetryInterval, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<FleetStatus> PutAsync(
        PrefixPool pool, IFleet fleet, ILogger log, CancellationToken cancellation)
    {
        try
        {
            var result = await fleet.PutPoolAsync(pool, expectedVersion: "", cancellation).ConfigureAwait(false);
            if (result.Status is FleetStatus.Invalid or FleetStatus.Conflict)
                Log.PoolRefused(log, pool.Name, result.Detail ?? "");
            return result.Status;
        }
        catch (FleetUnavailableException)
        {
            return FleetStatus.Unavailable;
        }
    }
}
