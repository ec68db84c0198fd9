using Relay.Protocol;

namespace Relay.Node.Counters;

/// <summary>
/// One loop's counts. Plain numbers: the loop writes them without any synchronisation, and whoever reports them reads a
/// value that is at most a moment old.
/// </summary>
internal sealed class LoopCounters
{
    public long ConnectionsAccepted;
    public long ConnectionsRefused;
    public long ConnectionsActive;
    public long HandshakesFailed;
    public long HandshakesPending;
    public long RetriesSent;
    public long StatelessResetsSent;
    public long VersionNegotiationsSent;
    public long PacketsReceived;
    public long PacketsSent;
    public long PacketsLost;
    public long Retransmissions;
    public long HandshakesEvicted;
    public long PacketsHandedOver;
    public long ClientGsoFallbacks;
    public long TargetGsoFallbacks;
    public long UpstreamDatagrams;
    public long DownstreamDatagrams;
    public long UpstreamDropsTooLarge;
    public long UpstreamDropsBlocked;
    public long UpstreamDropsEarly;
    public long UpstreamDropsUnknownContext;
    public long UpstreamDropsUnanswered;
    public long UpstreamDropsLimited;
    public long DownstreamDropsTooLarge;
    public long HeldBack;
    public long CreditWithheld;
    public long StreamsStopped;
    public long LookupsRefused;
    public long ReadsPaused;
    public long RequestsDelayed;
    public long RequestsRefused;
    public long RefusedDraining;
    public long RefusedIncomplete;
    public long RefusedLimit;
    public long RefusedMemory;
    public long RefusedScanning;
    public long RefusedStreams;
    public long RefusedTooLarge;
    public long RefusedWithoutEgress;
    public long DrainedFinished;
    public long DrainedForced;
    public long AccessLinesDropped;
    public long Defects;

    /// <summary>Connections whose handshake is complete, by <see cref="HttpProtocol"/>.</summary>
    public readonly long[] Established = new long[Enum.GetValues<HttpProtocol>().Length];

    /// <summary>Tunnels that began, by <see cref="HttpProtocol"/>.</summary>
    public readonly long[] Carried = new long[Enum.GetValues<HttpProtocol>().Length];

    /// <summary>Packets that were received and not read, by <see cref="PacketDiscard"/>.</summary>
    public readonly long[] Discarded = new long[Enum.GetValues<PacketDiscard>().Length];

    public readonly TunnelCounters Tcp = new();
    public readonly TunnelCounters Udp = new();
    public readonly long[] AuthFailures = new long[Enum.GetValues<AuthenticationKind>().Length];

    /// <summary>Addresses that the target policy denied, by <see cref="PolicyVerdict"/>.</summary>
    public readonly long[] PolicyDenials = new long[Enum.GetValues<PolicyVerdict>().Length];

    /// <summary>HTTP/2 connections that were ended for load, by <see cref="Http2Flood"/>.</summary>
    public readonly long[] Http2Floods = new long[Enum.GetValues<Http2Flood>().Length];

    /// <summary>HTTP/3 connections that were ended since too many of their requests came to nothing.</summary>
    public long Http3Resets;

    /// <summary>HTTP/3 connections that were ended for what was held of what they had sent.</summary>
    public long Http3Memory;

    /// <summary>Smoothed round trips of connections that were looked at.</summary>
    public readonly DurationCounts Rtt = new();

    /// <summary>Times from request to answer of tunnels that opened.</summary>
    public readonly DurationCounts TunnelSetup = new();

    /// <summary>How busy the loop is; of a loop only, and not in a sum.</summary>
    public readonly LoopUsage Usage = new();

    /// <summary>Packets that were received and not read.</summary>
    public long PacketsDiscarded => Discarded.Sum();

    /// <summary>Connections whose handshake is complete.</summary>
    public long ConnectionsEstablished => Established.Sum();

    /// <summary>Tunnels that have not ended.</summary>
    public long TunnelsActive => Tcp.Active + Udp.Active;

    /// <summary>Bytes of payload that went toward targets.</summary>
    public long UpstreamBytes => Tcp.UpstreamBytes + Udp.UpstreamBytes;

    /// <summary>Bytes of payload that went toward clients.</summary>
    public long DownstreamBytes => Tcp.DownstreamBytes + Udp.DownstreamBytes;

    /// <summary>Tunnels that ended in one way.</summary>
    public long Ended(TunnelOutcome outcome) => Tcp.Outcomes[(int)outcome] + Udp.Outcomes[(int)outcome];

    /// <summary>
    /// A snapshot of the whole node: the sum over its loops. Loops do not stop for it, so that counts which change
    /// together may be a moment apart.
    /// </summary>
    public static LoopCounters Sum(IEnumerable<LoopCounters> loops)
    {
        var total = new LoopCounters();
        foreach (var loop in loops)
            total.Add(loop);
        return total;
    }

    /// <summary>Adds one array to another of its length.</summary>
    internal static void Add(long[] total, long[] other)
    {
        for (var i = 0; i < total.Length; i++)
            total[i] += other[i];
    }

    private void Add(LoopCounters other)
    {
        ConnectionsAccepted += other.ConnectionsAccepted;
        ConnectionsRefused += other.ConnectionsRefused;
        ConnectionsActive += other.ConnectionsActive;
        HandshakesFailed += other.HandshakesFailed;
        HandshakesPending += other.HandshakesPending;
        RetriesSent += other.RetriesSent;
        StatelessResetsSent += other.StatelessResetsSent;
        VersionNegotiationsSent += other.VersionNegotiationsSent;
        PacketsReceived += other.PacketsReceived;
        PacketsSent += other.PacketsSent;
        PacketsLost += other.PacketsLost;
        Retransmissions += other.Retransmissions;
        HandshakesEvicted += other.HandshakesEvicted;
        PacketsHandedOver += other.PacketsHandedOver;
        ClientGsoFallbacks += other.ClientGsoFallbacks;
        TargetGsoFallbacks += other.TargetGsoFallbacks;
        UpstreamDatagrams += other.UpstreamDatagrams;
        DownstreamDatagrams += other.DownstreamDatagrams;
        UpstreamDropsTooLarge += other.UpstreamDropsTooLarge;
        UpstreamDropsBlocked += other.UpstreamDropsBlocked;
        UpstreamDropsEarly += other.UpstreamDropsEarly;
        UpstreamDropsUnknownContext += other.UpstreamDropsUnknownContext;
        UpstreamDropsUnanswered += other.UpstreamDropsUnanswered;
        UpstreamDropsLimited += other.UpstreamDropsLimited;
        DownstreamDropsTooLarge += other.DownstreamDropsTooLarge;
        HeldBack += other.HeldBack;
        CreditWithheld += other.CreditWithheld;
        StreamsStopped += other.StreamsStopped;
        Http3Resets += other.Http3Resets;
        Http3Memory += other.Http3Memory;
        LookupsRefused += other.LookupsRefused;
        ReadsPaused += other.ReadsPaused;
        RequestsDelayed += other.RequestsDelayed;
        RequestsRefused += other.RequestsRefused;
        RefusedDraining += other.RefusedDraining;
        RefusedIncomplete += other.RefusedIncomplete;
        RefusedLimit += other.RefusedLimit;
        RefusedMemory += other.RefusedMemory;
        RefusedScanning += other.RefusedScanning;
        RefusedStreams += other.RefusedStreams;
        RefusedTooLarge += other.RefusedTooLarge;
        RefusedWithoutEgress += other.RefusedWithoutEgress;
        DrainedFinished += other.DrainedFinished;
        DrainedForced += other.DrainedForced;
        AccessLinesDropped += other.AccessLinesDropped;
        Defects += other.Defects;
        Tcp.Add(other.Tcp);
        Udp.Add(other.Udp);
        Rtt.Add(other.Rtt);
        TunnelSetup.Add(other.TunnelSetup);
        Add(Established, other.Established);
        Add(Carried, other.Carried);
        Add(Discarded, other.Discarded);
        Add(AuthFailures, other.AuthFailures);
        Add(PolicyDenials, other.PolicyDenials);
        Add(Http2Floods, other.Http2Floods);
    }
}
