using Relay.Fleet.Contract;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>What a fleet that a process hosts is made of. Validated and immutable.</summary>
public sealed record FleetHostConfig
{
    /// <summary>Whether the fleet is coordinated by grains; otherwise in this process alone, in memory.</summary>
    public bool IsSilo { get; init; }

    /// <summary>
    /// The folder of what a fleet without grains remembers; null for the memory of the process alone.
    /// </summary>
    public string? State { get; init; }

    /// <summary>What the silo is made of; its cluster's name and times hold without one too.</summary>
    public SiloConfig Silo { get; init; } = new();

    /// <summary>The silo's chain, its key and who signs those of other silos; null for clear text.</summary>
    public FileGroup? SiloTls { get; init; }

    /// <summary>Pools to define where they are not there yet.</summary>
    public IReadOnlyList<PrefixPool> Pools { get; init; } = [];
}
