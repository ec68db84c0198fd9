using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>What a flood does, in either direction.</summary>
internal sealed record FloodOptions
{
    public required TargetAuthority Target { get; init; }

    public int Connections { get; init; } = 1;

    public int Flows { get; init; } = 1;

    /// <summary>Bytes of each UDP payload.</summary>
    public int Size { get; init; } = 1100;

    /// <summary>Datagrams to send (up) or to receive (down); 0 for no limit.</summary>
    public long Count { get; init; }

    /// <summary>Zero for no limit.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long to run before the measured part.</summary>
    public TimeSpan Warmup { get; init; }

    /// <summary>Datagrams a second that each flow of the target sends; 0 for as many as it can. Down only.</summary>
    public long Rate { get; init; }
}
