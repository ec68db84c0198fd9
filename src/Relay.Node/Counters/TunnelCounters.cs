namespace Relay.Node.Counters;

/// <summary>One loop's counts of the tunnels of one type, TCP or UDP.</summary>
internal sealed class TunnelCounters
{
    /// <summary>Tunnels that were admitted.</summary>
    public long Started;

    /// <summary>Tunnels that have not ended.</summary>
    public long Active;

    /// <summary>Bytes of payload that went toward targets.</summary>
    public long UpstreamBytes;

    /// <summary>Bytes of payload that went toward clients.</summary>
    public long DownstreamBytes;

    /// <summary>Tunnels that ended, by <see cref="TunnelOutcome"/>.</summary>
    public readonly long[] Outcomes = new long[Enum.GetValues<TunnelOutcome>().Length];

    /// <summary>Adds another loop's counts.</summary>
    public void Add(TunnelCounters other)
    {
        // Before what they are a part of: a sum taken meanwhile must not show more ends than beginnings.
        LoopCounters.Add(Outcomes, other.Outcomes);
        Active += other.Active;
        Started += other.Started;
        UpstreamBytes += other.UpstreamBytes;
        DownstreamBytes += other.DownstreamBytes;
    }
}
