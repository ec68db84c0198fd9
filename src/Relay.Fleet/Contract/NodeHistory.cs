namespace Relay.Fleet.Contract;

/// <summary>How it went at one node, as a coordinator remembers it.</summary>
public sealed record NodeHistory
{
    /// <summary>The shortest window, in seconds.</summary>
    public const int MinSeconds = 60;

    /// <summary>The longest window, in seconds.</summary>
    public const int MaxSeconds = 7200;

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The window that was asked for, in seconds.</summary>
    public required int WindowSeconds { get; init; }

    /// <summary>How long a point is, in seconds: 10 in a window of up to a quarter of an hour, 60 in a longer one.</summary>
    public required int StepSeconds { get; init; }

    /// <summary>Oldest first. Steps in which the node did not report have none.</summary>
    public IReadOnlyList<NodeHistoryPoint> Points { get; init; } = [];
}

/// <summary>A node over one step of time.</summary>
public sealed record NodeHistoryPoint
{
    /// <summary>The end of the step; of the one that is not over, when it was asked.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Bytes a second toward targets: the mean.</summary>
    public double UpstreamBytes { get; init; }

    /// <summary>Bytes a second toward clients: the mean.</summary>
    public double DownstreamBytes { get; init; }

    /// <summary>Client connections that were open at its end.</summary>
    public long Connections { get; init; }

    /// <summary>TCP tunnels that were open at its end.</summary>
    public long TcpTunnels { get; init; }

    /// <summary>UDP tunnels that were open at its end.</summary>
    public long UdpTunnels { get; init; }

    /// <summary>The part of the time that its loops did not wait, 0 to 1: the mean of all. Null where it did not say.</summary>
    public double? Busy { get; init; }
}
