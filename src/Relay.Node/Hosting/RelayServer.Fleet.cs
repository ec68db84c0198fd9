using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Sessions;
using Relay.Node.Targets;

namespace Relay.Node.Hosting;

/// <content>What the fleet needs of the data plane. From any thread; no loop is waited for but at the end of a
/// lease.</content>
internal sealed partial class RelayServer : IDrainTarget, ILeasedEgress, INodeReadings
{
    /// <summary>From when on the operator is told that the certificate runs out.</summary>
    private static readonly TimeSpan ExpiryWarning = TimeSpan.FromDays(14);

    private LoopCounters? _rttRead;
    private LoopCounters? _setupRead;

    IReadOnlyList<IPEndPoint> INodeReadings.Addresses => Addresses;

    IdentityTable INodeReadings.Identities => Identities;

    bool INodeReadings.IsOpenRelay =>
        _config.IsOpenRelay && Addresses.Any(static address => !IPAddress.IsLoopback(address.Address));

    long IDrainTarget.Tunnels => _state.Admission.Tunnels;

    long IDrainTarget.ForceClosedTunnels => ReadCounters().Ended(TunnelOutcome.ForceClosed);

    void IDrainTarget.StopAccepting()
    {
        _state.Admission.Drain();
        foreach (var loop in _loops)
            _ = loop.AnnounceShutdownAsync();
    }

    void IDrainTarget.Accept() => _state.Admission.Resume();

    void IDrainTarget.ForceCloseTunnels()
    {
        foreach (var loop in _loops)
            loop.Post(static l => l.ForceCloseTunnels());
    }

    string? ILeasedEgress.Prepare(AddressPrefix prefix) => _routes?.TryAdd(prefix);

    void ILeasedEgress.Offer(EgressLease lease) => _egress.Offer(lease);

    void ILeasedEgress.Withdraw(EgressLease lease) => _egress.Withdraw(lease);

    async Task ILeasedEgress.EndAsync(EgressLease lease)
    {
        _egress.Withdraw(lease);
        await Task.WhenAll(_loops.Select(loop => loop.RunAsync(l => l.EndTunnelsFrom(lease)))).ConfigureAwait(false);
        _egress.Drop(lease);
    }

    void ILeasedEgress.Forget(AddressPrefix prefix) => _routes?.Remove(prefix);

    NodeLoad INodeReadings.ReadLoad()
    {
        var loops = LoopCounters.Select(static (counters, index) => new LoopLoad
        {
            Loop = index,
            Busy = counters.Usage.Ratio,
            Connections = counters.ConnectionsActive,
            Tunnels = counters.TunnelsActive,
        });
        var all = ReadCounters();
        return new NodeLoad
        {
            Connections = _state.Connections,
            TcpTunnels = all.Tcp.Active,
            UdpTunnels = all.Udp.Active,
            Loops = [.. loops],
        };
    }

    NodeTotals INodeReadings.ReadTotals()
    {
        var all = ReadCounters();
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

    IReadOnlyList<string> INodeReadings.ReadWarnings(DateTimeOffset now)
    {
        if (_state.Identity.Expires is not { } expires || expires - now >= ExpiryWarning)
            return [];
        return [expires < now ? $"the certificate ran out on {expires:yyyy-MM-dd}"
            : $"the certificate runs out on {expires:yyyy-MM-dd}"];
    }

    Distribution INodeReadings.TakeRtt()
    {
        var all = ReadCounters();
        var increase = all.Rtt.Since(_rttRead?.Rtt);
        _rttRead = all;
        return increase;
    }

    Distribution INodeReadings.TakeTunnelSetup()
    {
        var all = ReadCounters();
        var increase = all.TunnelSetup.Since(_setupRead?.TunnelSetup);
        _setupRead = all;
        return increase;
    }
}
