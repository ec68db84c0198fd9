using System.Net;

namespace Relay.Fleet.Contract;

/// <summary>What a coordinator that hosts a silo is made of. Validated and immutable.</summary>
public sealed record SiloConfig
{
    /// <summary>The cluster's name: silos and state of another name are not seen.</summary>
    public string ClusterId { get; init; } = "relayfleet";

    /// <summary>
    /// Clustering and state in Redis, by StackExchange.Redis's configuration text (<c>host:6379,password=…</c>); null
    /// for one silo with everything in memory.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>The file of Redis's password, read at each connection; null for what <see cref="Redis"/> says.</summary>
    public string? RedisPasswordPath { get; init; }

    /// <summary>
    /// The PEM file of who signs Redis's certificates, read at each connection; null for those that the system trusts. Only with
    /// <c>ssl=true</c> in <see cref="Redis"/>.
    /// </summary>
    public string? RedisAuthorityPath { get; init; }

    /// <summary>
    /// How many of Redis's replicas must have a write before a block is granted or a pool defined, 0 to 16: a failover to
    /// one of them loses neither. 0 for none.
    /// </summary>
    public int RedisReplicas { get; init; }

    /// <summary>Where other silos reach this one; loopback when there is no Redis.</summary>
    public IPEndPoint Address { get; init; } = new(IPAddress.Loopback, 11111);

    /// <summary>
    /// Whether the process ends when its silo cannot be kept, for whoever supervises it to start it again. Else, where
    /// tunnels run in the process, another silo is begun in it.
    /// </summary>
    public bool EndsWithSilo { get; init; }

    /// <summary>The times that the fleet agrees on; the same at every coordinator.</summary>
    public FleetTimings Timings { get; init; } = new();

    /// <summary>What the sessions of all nodes may take of memory, in bytes; null for a quarter of what there is.</summary>
    public long? SessionBytes { get; init; }
}
