using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>A drain that is taken back: the node serves again, whatever it had said to whom.</summary>
public class FleetDrainTests : InMemoryTests
{
    [Fact]
    public void Undrain_NewConnectionsAreAccepted_ThoseThatGotGoAwayFinishAndClose()
    {
        var (network, early) = Start().WithClient();
        var open = network.Answered(early.ConnectUdp());
        network.Node.Drain();
        Assert.True(network.Run(() => early.GoAwayReceived));
        var refused = network.AddClient();
        Assert.True(network.Run(() => refused.IsOver));

        network.Node.State.Limits.Resume();
        var late = network.Establish();
        var tunnel = network.Answered(late.Connect());
        open.SendDatagram("still here"u8);
        Assert.True(network.Run(() => open.Datagrams.Count == 1));
        open.Finish();
        Assert.True(network.Run(() => early.IsOver));
        early.AssertClosed(Http3ErrorCode.NoError);
        Assert.False(late.GoAwayReceived);
        tunnel.Send("hello"u8);
        Assert.True(network.Run(() => tunnel.BodyLength == 5));
    }

    [Fact]
    public void Undrain_HandshakeUnderWay_IsNotTurnedAway()
    {
        var network = Start();
        var client = network.AddClient();
        Assert.True(network.Run(() => network.Node.Loop.Counters.HandshakesPending == 1));
        network.Node.Drain();
        network.Node.State.Limits.Resume();
        Assert.True(network.Run(() => client.IsEstablished && client.PeerSettingsReceived));
        network.Answered(client.Connect());
        Assert.False(client.GoAwayReceived);
    }

    [Fact]
    public void DrainAgain_ReachesThoseThatCameInBetween()
    {
        var (network, first) = Start().WithClient();
        var kept = network.Answered(first.Connect());
        network.Node.Drain();
        Assert.True(network.Run(() => first.GoAwayReceived));
        network.Node.State.Limits.Resume();
        var second = network.Establish();
        var open = network.Answered(second.Connect());
        network.Node.Drain();
        Assert.True(network.Run(() => second.GoAwayReceived));
        open.Finish();
        kept.Finish();
        Assert.True(network.Run(() => first.IsOver && second.IsOver));
        first.AssertClosed(Http3ErrorCode.NoError);
        second.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(2, network.Node.Loop.Counters.DrainedFinished);
    }

    [Fact]
    public void Deadline_OfADrain_EndsTunnels_AndTheirConnectionCloses()
    {
        var (network, client) = Start().WithClient();
        var (tcp, udp) = network.Tunnels(client);
        network.Node.Drain();
        network.Run(Time.Seconds(5));
        network.Node.Client.ForceCloseTunnels();
        Assert.Equal(2, network.Node.Loop.Counters.Ended(TunnelOutcome.ForceClosed));
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        network.Node.State.Limits.Resume();
        network.Answered(network.Establish().Connect());
    }
}
