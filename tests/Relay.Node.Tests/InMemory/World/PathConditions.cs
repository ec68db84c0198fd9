namespace Relay.Node.Tests.InMemory.World;

/// <summary>What a virtual network does to packets of one direction.</summary>
internal sealed record PathConditions
{
    /// <summary>One-way delay, in nanoseconds.</summary>
    public ulong Delay { get; init; } = Time.Milliseconds(10);

    /// <summary>Share of packets that vanish.</summary>
    public double Loss { get; init; }

    /// <summary>Share of packets that take up to three times as long, and so are overtaken.</summary>
    public double Reordering { get; init; }

    /// <summary>Share of packets that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Bytes a second; 0 for no limit.</summary>
    public double Bandwidth { get; init; }

    /// <summary>Bytes that wait for the bandwidth at most; more vanish.</summary>
    public int QueueBytes { get; init; } = 256 * 1024;

    /// <summary>The largest UDP payload; larger packets vanish. 1472 is Ethernet with IPv4.</summary>
    public int MaxPayload { get; init; } = 1472;

    public static PathConditions Good { get; } = new();

    public static PathConditions Lossy(double loss, double reordering = 0) =>
        new() { Loss = loss, Reordering = reordering };
}
