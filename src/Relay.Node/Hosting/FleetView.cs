using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Sessions;

namespace Relay.Node.Hosting;

/// <summary>
/// What the fleet needs of the data plane. From any thread; no loop is waited for but at the end of a lease.
/// </summary>
/// <param name="parts">The data plane.</param>
internal sealed class FleetView(RelayParts parts) : IDrainTarget, ILeasedEgress, INodeReadings
{
    /// <summary>From when on the operator is told that the certificate runs out.</summary>
    private static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(14);

    private LoopCounters? _last;

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> Addresses => parts.Addresses;

    /// <inheritdoc/>
    public IdentityTable Identities => parts.Sessions.Identities;

    /// <inheritdoc/>
    public bool IsOpenRelay =>
        parts.Config.IsOpenRelay && Addresses.Any(static address => !IPAddress.IsLoopback(address.Address));

    /// <inheritdoc/>
    public long Tunnels => parts.Limits.Tunnels;

    /// <inheritdoc/>
    public long ForceClosedTunnels => parts.ReadCounters().Ended(TunnelOutcome.ForceClosed);

    /// <inheritdoc/>
    public void StopAccepting(TimeSpan time) => _ = parts.StopAcceptingAsync(time);

    /// <inheritdoc/>
    public void Accept() => parts.Limits.Resume();

    /// <inheritdoc/>
    public void ForceCloseTunnels()
    {
        foreach (var loop in parts.Loops)
            loop.Post(static l => l.ForceCloseTunnels());
    }

    /// <inheritdoc/>
    public string? Prepare(Prefix prefix) => parts.Routes?.TryAdd(prefix);

    /// <inheritdoc/>
    public void Offer(EgressLease lease) => parts.Egress.Offer(lease);

    /// <inheritdoc/>
    public void Withdraw(EgressLease lease) => parts.Egress.Withdraw(lease);

    /// <inheritdoc/>
    public async Task EndAsync(EgressLease lease)
    {
        parts.Egress.Withdraw(lease);
        await Task.WhenAll(parts.Loops.Select(loop => loop.RunAsync(l => l.EndTunnelsFrom(lease))))
            .ConfigureAwait(false);
        parts.Egress.Drop(lease);
    }

    /// <inheritdoc/>
    public void Forget(Prefix prefix) => parts.Routes?.Remove(prefix);

    /// <inheritdoc/>
    public NodeReading Read()
    {
        var (all, before) = (parts.ReadCounters(), _last);
        _last = all;
        return new NodeReading(
            LoadOf(all), TotalsOf(all), all.Rtt.Since(before?.Rtt), all.TunnelSetup.Since(before?.TunnelSetup));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadWarnings(DateTimeOffset now)
    {
        var identity = parts.State.Identity;
        return
        [
            .. identity.Expires is { } expires && expires - now < ExpiryWarning
                ? [$"the certificate {(expires < now ? "ran" : "runs")} out on {expires:yyyy-MM-dd}"] : (string[])[],
            .. ClientRevocation.NoticeOf(identity.Trust?.Revoked, now) is { } late ? [late] : (string[])[],
        ];
    }

    private NodeLoad LoadOf(LoopCounters all) => new()
    {
        Connections = parts.State.Connections,
        TcpTunnels = all.Tcp.Active,
        UdpTunnels = all.Udp.Active,
        Loops =
        [
            .. parts.Loops.Select(static loop => new LoopLoad
            {
                Loop = loop.Loop.Index,
                Busy = loop.Loop.Counters.Usage.Ratio,
                Connections = loop.Loop.Counters.ConnectionsActive,
                Tunnels = loop.Loop.Counters.TunnelsActive,
            }),
        ],
    };

    private static NodeTotals TotalsOf(LoopCounters all)
    {
        var inOrder = all.Ended(TunnelOutcome.Completed) + all.Ended(TunnelOutcome.IdleTimeout);
        var forced = all.Ended(TunnelOutcome.ForceClosed);
        return new NodeTotals
        {
            Connections = all.ConnectionsEstablished,
            ConnectionsRefused = all.ConnectionsRefused,
            HandshakesFailed = all.HandshakesFailed,
            TcpTunnels = all.Tcp.Started,
            UdpTunnels = all.Udp.Started,
            TunnelsCompleted = inOrder,
            TunnelsForceClosed = forced,
            TunnelsFailed = all.Tcp.Outcomes.Sum() + all.Udp.Outcomes.Sum() - inOrder - forced,
            RequestsRefused = all.RequestsRefused,
            AuthFailures = all.AuthFailures.Sum(),
            UpstreamBytes = all.UpstreamBytes,
            DownstreamBytes = all.DownstreamBytes,
            UpstreamDatagrams = all.UpstreamDatagrams,
            DownstreamDatagrams = all.DownstreamDatagrams,
            DatagramDrops = all.UpstreamDropsTooLarge + all.UpstreamDropsBlocked + all.UpstreamDropsEarly
                + all.UpstreamDropsUnknownContext + all.UpstreamDropsUnanswered + all.UpstreamDropsLimited
                + all.DownstreamDropsTooLarge,
            PacketsSent = all.PacketsSent,
            PacketsLost = all.PacketsLost,
        };
    }
}
