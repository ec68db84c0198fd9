namespace Relay.Fleet.Contract;

/// <summary>What a node is made for.</summary>
public sealed record NodeCapacity
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly NodeCapacity None = new();

    /// <summary>Event loops.</summary>
    public int Workers { get; init; }

    /// <summary>Client connections at most.</summary>
    public long MaxConnections { get; init; }

    /// <summary>Tunnels at most.</summary>
    public long MaxTunnels { get; init; }
}
