using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Tests.InMemory.World;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>A drain that is taken back: the node serves again, whatever it had said to whom.</summary>
public class FleetDrainTests
{
    [Fact]
    public void Undrain_NewConnectionsAreAccepted_ThoseThatGotGoAwayFinishAndClose()
    {
        using var network = new Network();
        var early = network.Establish();
        var open = early.ConnectUdp();
        Assert.True(network.Run(() => open.Status == 200));
        network.Node.Drain();
        Assert.True(network.Run(() => early.GoAwayReceived));
        var refused = network.AddClient();
        Assert.True(network.Run(() => refused.IsOver));

        network.Node.State.Limits.Resume();
        var late = network.Establish();
        var tunnel = late.Connect();
        Assert.True(network.Run(() => tunnel.Status == 200));
        open.SendDatagram("still here"u8);
        Assert.True(network.Run(() => open.Datagrams.Count == 1));
        open.Finish();
        Assert.True(network.Run(() => early.IsOver));
        AssertNoError(early);
        Assert.False(late.GoAwayReceived);
        tunnel.Send("hello"u8);
        Assert.True(network.Run(() => tunnel.BodyLength == 5));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Undrain_HandshakeUnderWay_IsNotTurnedAway()
    {
        using var network = new Network();
        var client = network.AddClient();
        Assert.True(network.Run(() => network.Node.Loop.Counters.HandshakesPending == 1));
        network.Node.Drain();
        network.Node.State.Limits.Resume();
        Assert.True(network.Run(() => client.IsEstablished && client.PeerSettingsReceived));
        var tunnel = client.Connect();
        Assert.True(network.Run(() => tunnel.Status == 200));
        Assert.False(client.GoAwayReceived);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void DrainAgain_ReachesThoseThatCameInBetween()
    {
        using var network = new Network();
        var first = network.Establish();
        var kept = first.Connect();
        Assert.True(network.Run(() => kept.Status == 200));
        network.Node.Drain();
        Assert.True(network.Run(() => first.GoAwayReceived));
        network.Node.State.Limits.Resume();
        var second = network.Establish();
        var open = second.Connect();
        Assert.True(network.Run(() => open.Status == 200));
        network.Node.Drain();
        Assert.True(network.Run(() => second.GoAwayReceived));
        open.Finish();
        kept.Finish();
        Assert.True(network.Run(() => first.IsOver && second.IsOver));
        AssertNoError(first);
        AssertNoError(second);
        Assert.Equal(2, network.Node.Loop.Counters.DrainedFinished);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Deadline_OfADrain_EndsTunnels_AndTheirConnectionCloses()
    {
        using var network = new Network();
        var client = network.Establish();
        var tcp = client.Connect();
        var udp = client.ConnectUdp();
        Assert.True(network.Run(() => tcp.Status == 200 && udp.Status == 200));
        network.Node.Drain();
        network.Run(Time.Seconds(5));
        network.Node.Connection.ForceCloseTunnels();
        Assert.Equal(2, network.Node.Loop.Counters.Ended(TunnelOutcome.ForceClosed));
        Assert.True(network.Run(() => client.IsOver));
        AssertNoError(client);
        network.Node.State.Limits.Resume();
        var next = network.Establish().Connect();
        Assert.True(network.Run(() => next.Status == 200));
        network.CloseAndAssertClean();
    }

    private static void AssertNoError(TestClient client) => Assert.Equal(
        (CloseKind.Application, Http3ErrorCode.NoError), (client.CloseReason.Kind, client.CloseReason.Code));
}
