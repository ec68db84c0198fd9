namespace Relay.Node.Sessions;

/// <summary>What one identity may use of this node at a time. Immutable; replaced as a whole.</summary>
internal sealed record IdentityLimits
{
    /// <summary>No limit at all: what holds for an identity of which nothing is said.</summary>
    public static IdentityLimits None { get; } = new();

    /// <summary>Sessions: client connections that have asked for a tunnel.</summary>
    public long MaxSessions { get; init; } = long.MaxValue;

    /// <summary>Tunnels of all its sessions.</summary>
    public long MaxTunnels { get; init; } = long.MaxValue;

    /// <summary>Payload of all its tunnels a second, both ways together; what goes beyond is slowed down.</summary>
    public long BytesPerSecond { get; init; } = long.MaxValue;
}
