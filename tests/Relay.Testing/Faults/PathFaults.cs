namespace Relay.Testing.Faults;

/// <summary>What a <see cref="UdpMiddlebox"/> does to the datagrams of each direction.</summary>
public sealed record PathFaults
{
    /// <summary>Share of datagrams that vanish.</summary>
    public double Loss { get; init; }

    /// <summary>How long each takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Share of datagrams that take up to three times as long and 5 ms more, and so are overtaken.</summary>
    public double Reordering { get; init; }

    /// <summary>Share of datagrams that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Bytes a second; 0 for any number. What more than 100 ms of them would wait vanishes.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>The largest payload that passes.</summary>
    public int MaxPayload { get; init; } = 65_535;

    /// <summary>After so many datagrams of a client the relay sees it at another port, as behind a NAT; 0 for never.</summary>
    public int RebindEvery { get; init; }
}
