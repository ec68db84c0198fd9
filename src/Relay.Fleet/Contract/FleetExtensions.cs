namespace Relay.Fleet.Contract;

/// <summary>Shorter forms of what a fleet does.</summary>
public static class FleetExtensions
{
    /// <summary>Defines a pool, or changes it, of which blocks may be held that nobody knows of.</summary>
    public static ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        this IFleet fleet, PrefixPool pool, string? expectedVersion, CancellationToken cancellation) =>
        fleet.PutPoolAsync(pool, expectedVersion, isNew: false, cancellation);
}
