using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>What a run over tunnels can be told.</summary>
internal abstract record TunnelOptions
{
    public required TargetAuthority Target { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>Tunnels, spread over the connections.</summary>
    public int Flows { get; init; } = 1;
}

/// <summary>What a run of datagrams can be told.</summary>
internal sealed record DatagramOptions : TunnelOptions
{
    /// <summary>Bytes of each UDP payload.</summary>
    public int Size { get; init; } = 1100;

    /// <summary>Datagrams to measure; 0 for no limit.</summary>
    public long Count { get; init; }

    /// <summary>How long to measure; zero for no limit.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long to run before measuring.</summary>
    public TimeSpan Warmup { get; init; }
}
