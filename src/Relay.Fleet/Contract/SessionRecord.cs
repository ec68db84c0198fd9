using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>One client connection as the fleet sees it. Holds no target and no client address.</summary>
public sealed record SessionRecord
{
    /// <summary>Unique in the fleet and not to be guessed: 22 URL-safe characters, as <see cref="SessionId"/> makes them.</summary>
    public required string Id { get; init; }

    /// <summary>The node that carries it; filled in by the fleet.</summary>
    public string Node { get; init; } = "";

    /// <summary>Whose it is: <c>user:…</c>, <c>certificate:…</c>, <c>cert:…</c>, <c>credential:…</c>, <c>jwt:…</c> or <c>anonymous</c>.</summary>
    public required string Identity { get; init; }

    /// <summary>The version of HTTP that it speaks: <c>3</c>, <c>2</c> or <c>1.1</c>; null where its node tells of none.</summary>
    public string? HttpVersion { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Tunnels that are open.</summary>
    public long TunnelsOpen { get; init; }

    /// <summary>Tunnels that were ever opened.</summary>
    public long TunnelsTotal { get; init; }

    /// <summary>Bytes relayed toward targets.</summary>
    public long UpstreamBytes { get; init; }

    /// <summary>Bytes relayed toward clients.</summary>
    public long DownstreamBytes { get; init; }

    /// <summary>The source addresses that its targets see; at most 8 are kept.</summary>
    public IReadOnlyList<string> EgressAddresses { get; init; } = [];

    /// <summary>Whether it may open tunnels.</summary>
    public SessionState State { get; init; }
}

/// <summary>Where a session is in its life.</summary>
[JsonConverter(typeof(CamelCaseEnum<SessionState>))]
public enum SessionState
{
    /// <summary>It may open tunnels.</summary>
    Active,

    /// <summary>It has been sent GOAWAY.</summary>
    Draining,

    /// <summary>It was ordered to end.</summary>
    Ending,
}
