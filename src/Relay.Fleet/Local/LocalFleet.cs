namespace Relay.Fleet;

/// <summary>
/// The fleet in one process and in memory: the same rules as the grains', without high availability and without state
/// across a restart. Everything happens under one lock; time passes with <see cref="Tick"/>.
/// </summary>
public sealed partial class LocalFleet
{
    /// <summary>A fleet without nodes.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="pools">The pools that are defined from the start.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chooses blocks, and names this run.</param>
    public LocalFleet(LocalFleetConfig config, IReadOnlyList<PrefixPool> pools, TimeProvider time, Random random) =>
        throw new NotImplementedException();

    /// <summary>Lets time do its part: silence, leases, deadlines; to be called about once a second.</summary>
    public void Tick() => throw new NotImplementedException();
}
