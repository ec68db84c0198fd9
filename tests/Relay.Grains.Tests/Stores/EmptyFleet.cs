using Orleans.Core.Internal;

namespace Relay.Grains.Tests.Stores;

/// <summary>
/// Makes the fleet of silos that run an empty one: every grain is ended, and everything stored is deleted. To start
/// silos is most of what a test would take.
/// </summary>
internal static class EmptyFleet
{
    /// <summary>Returns once no grain is active that has seen what was stored.</summary>
    /// <param name="grains">The way to the silos' grains.</param>
    /// <param name="wipe">Deletes everything stored.</param>
    internal static async Task MakeAsync(IGrainFactory grains, Func<Task> wipe) => await Eventually.HoldsAsync(
        "an empty fleet",
        async () =>
        {
            await EndGrainsAsync(grains);
            await wipe();
            // One that woke up between the two has read what is deleted now.
            return (await ActiveAsync(grains)).Count;
        },
        static active => active == 0);

    private static async Task EndGrainsAsync(IGrainFactory grains)
    {
        while (await ActiveAsync(grains) is { Count: > 0 } active)
        {
            await Task.WhenAll(active.Select(grain =>
                grains.GetGrain(grain).AsReference<IGrainManagementExtension>().DeactivateOnIdle().AsTask()));
        }
    }

    private static async Task<IReadOnlyList<GrainId>> ActiveAsync(IGrainFactory grains)
    {
        var statistics = await grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        return [.. statistics.Where(static entry => entry.GrainType.Contains("Relay.Grains", StringComparison.Ordinal))
            .Select(static entry => entry.GrainId).Distinct()];
    }
}
