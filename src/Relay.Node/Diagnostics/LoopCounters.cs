using Relay.Node.Identity;

namespace Relay.Node.Diagnostics;

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
    public long PacketsDiscarded;
    public long PacketsHandedOver;
    public long TunnelsActive;
    public long TcpTunnels;
    public long UdpTunnels;
    public long UpstreamBytes;
    public long DownstreamBytes;
    public long UpstreamDatagrams;
    public long DownstreamDatagrams;
    public long UpstreamDropsTooLarge;
    public long UpstreamDropsBlocked;
    public long UpstreamDropsEarly;
    public long UpstreamDropsUnknownContext;
    public long UpstreamDropsUnanswered;
    public long UpstreamDropsLimited;
    public long DownstreamDropsTooLarge;
    public long RequestsRefused;
    public long RefusedDraining;
    public long RefusedLimit;
    public long RefusedScanning;
    public long AccessLinesDropped;
    public readonly long[] AuthFailures = new long[Enum.GetValues<AuthenticationKind>().Length];
    public readonly long[] Outcomes = new long[Enum.GetValues<TunnelOutcome>().Length];
}
