using Relay.Fleet.Contract;

namespace Relay.Fleet.Local;

/// <summary>What a coordinator in one process is made of. Validated and immutable.</summary>
public sealed record LocalFleetConfig
{
    /// <summary>The fleet's name, for people.</summary>
    public string ClusterId { get; init; } = "relayfleet";

    /// <summary>The times that the fleet agrees on.</summary>
    public FleetTimings Timings { get; init; } = new();

    /// <summary>What the sessions of all nodes may take of memory, in bytes; null for a quarter of what there is.</summary>
    public long? SessionBytes { get; init; }
}
