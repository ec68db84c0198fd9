using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What the fleet hears of sessions, and what it can order.</summary>
public class FleetSessionTests : InMemoryTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SessionJournal _journal;

    public FleetSessionTests() => _journal = new SessionJournal(_clock, "edge-1");

    [Fact]
    public void Session_BeginsWithItsFirstTunnel_AndEndsWithItsConnection()
    {
        var (network, client) = Watched().WithClient();
        Assert.Empty(Exchange().Changed);
        var tunnel = network.Answered(client.Connect());
        var begun = Assert.Single(Exchange().Changed);
        Assert.Equal(
            ("anonymous", 1L, 1L, SessionState.Active),
            (begun.Identity, begun.TunnelsOpen, begun.TunnelsTotal, begun.State));
        Assert.NotEmpty(begun.EgressAddresses);

        tunnel.Send("hello"u8);
        Assert.True(network.Run(() => tunnel.BodyLength == 5));
        tunnel.Finish();
        Assert.True(network.Run(() => tunnel.IsClosed));
        var idle = Assert.Single(Exchange().Changed);
        Assert.Equal((begun.Id, 0L, 1L, 5L, 5L), (
            idle.Id, idle.TunnelsOpen, idle.TunnelsTotal, idle.UpstreamBytes, idle.DownstreamBytes));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        Assert.Equal([begun.Id], Exchange().Ended);
    }

    [Fact]
    public void Session_OfAConnectionThatGotGoAway_IsDraining()
    {
        var (network, client) = Watched().WithClient();
        network.Answered(client.Connect());
        Exchange();
        network.Node.Drain();
        Assert.Equal(SessionState.Draining, Assert.Single(Exchange().Changed).State);
    }

    [Fact]
    public void Order_EndsASession_TunnelsByForceAndTheConnectionInOrder_OthersStay()
    {
        var network = Watched();
        var (client, other) = (network.Establish(), network.Establish());
        var (tcp, udp, kept) = (client.Connect(), client.ConnectUdp(), other.ConnectUdp());
        Assert.True(network.Run(() => tcp.Status == 200 && udp.Status == 200 && kept.Status == 200));
        var id = Exchange().Changed.Single(static session => session.TunnelsOpen == 2).Id;
        Assert.True(_journal.End(id));
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(2, network.Node.Loop.Counters.Ended(TunnelOutcome.ForceClosed));
        Assert.Contains(id, Exchange().Ended);
        kept.SendDatagram("still here"u8);
        Assert.True(network.Run(() => kept.Datagrams.Count == 1));
    }

    [Fact]
    public void Order_ForASessionWhoseConnectionIsOver_EndsWhatItStillDelivers()
    {
        var network = Watched();
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish();
        var upload = network.Answered(client.Connect());
        upload.SendPattern(5000);
        upload.Finish();
        Assert.True(network.Run(() => upload.Pending == 0));
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        Assert.Single(network.Node.Context.Tunnels.Detached);
        Assert.True(_journal.End(Assert.Single(Exchange().Changed).Id));
        Assert.True(network.Run(() => network.Node.Context.Tunnels.Detached.Count == 0));
        Assert.Equal(TunnelOutcome.ForceClosed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void WithoutASource_TunnelsAreRefusedWithRetryAfter_UntilThereIsALease()
    {
        var egress = new EgressState(new EgressConfig(), needsLease: true, static _ => { }, _clock);
        var (network, client) = Start(new NodeSettings { Egress = egress }).WithClient();
        var refused = network.Answered(client.Connect(), 503);
        Assert.Equal("5", refused.Headers["retry-after"]);
        Assert.Equal("relay-node; error=connection_limit_reached; details=\"no egress lease\"", refused.Headers["proxy-status"]);
        Assert.Equal(1, network.Node.Loop.Counters.RefusedWithoutEgress);
        Assert.Empty(network.Node.Connector.Targets);
        egress.Offer(new EgressLease(Prefix.Parse("2001:db8::/64"), long.MaxValue));
        network.Answered(client.Connect());
    }

    [Fact]
    public void Lookup_FindsTheSessionByWhatATargetSaw()
    {
        var network = Watched();
        network.Answered(network.Establish().Connect());
        var id = Assert.Single(Exchange().Changed).Id;
        var seen = Assert.IsType<IPEndPoint>(network.Node.Connector.Tcp[0].LocalEndPoint);
        Assert.Equal([id], _journal.Answer(new FlowLookup("q", seen.Address.ToString(), seen.Port)).Sessions);
    }

    private Network Watched() => Start(new NodeSettings { Observer = _journal });

    private SessionDelta Exchange()
    {
        _journal.Collect();
        var delta = _journal.Build();
        _journal.Confirm(delta, delta.To, resync: false);
        return delta;
    }
}
