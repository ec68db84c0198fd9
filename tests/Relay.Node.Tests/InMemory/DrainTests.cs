using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>GOAWAY, refusals while draining, and the end that a deadline makes.</summary>
public class DrainTests : InMemoryTests
{
    [Fact]
    public void Drain_OpenTunnels_GoOnWhileNewOnesAreRefused()
    {
        var (network, client) = Start().WithClient();
        var (tcp, udp) = network.Tunnels(client);
        network.Node.Drain();
        Assert.True(network.Run(() => client.GoAwayReceived));
        // A client that has heard GOAWAY opens nothing; one that has not yet may.
        Assert.Equal([(1ul << 62) - 4], ControlStream.ReadGoAways(client.ControlStreamOfNode));
        tcp.Send("on"u8);
        udp.SendDatagram("and on"u8);
        Assert.True(network.Run(() => tcp.BodyLength == 2 && udp.Datagrams.Count == 1));
        tcp.Finish();
        udp.Finish();
        Assert.True(network.Run(() => tcp.IsClosed && udp.IsClosed));
        Assert.All(network.Node.Loop.Ended, static t => Assert.Equal(TunnelOutcome.Completed, t.Outcome));
        Assert.True(network.Run(() => client.IsOver));
    }

    [Fact]
    public void Drain_RequestUnderWay_Is503WithRetryAfter()
    {
        var (network, client) = Start().WithClient();
        var stream = client.ConnectUdp();
        network.Run(Time.Milliseconds(1));
        network.Node.Drain();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(503, stream.Status);
        Assert.True(int.Parse(stream.Headers["retry-after"]) > 0);
        Assert.StartsWith("relay-node", stream.Headers["proxy-status"], StringComparison.Ordinal);
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Drain_Twice_SendsGoAwaysThatDoNotRise()
    {
        var (network, client) = Start().WithClient();
        var open = network.Answered(client.ConnectUdp());
        network.Node.Drain();
        network.Run(Time.Seconds(1));
        network.Node.Drain();
        Assert.True(network.Run(() => client.GoAwayReceived));
        network.Run(Time.Seconds(1));
        open.Finish();
        Assert.True(network.Run(() => client.IsOver));
        var ids = ControlStream.ReadGoAways(client.ControlStreamOfNode);
        Assert.Equal(2, ids.Count);
        Assert.Equal(ids.OrderDescending(), ids);
    }

    [Fact]
    public void Drain_DuringTheHandshake_EndsTheConnection()
    {
        var network = Start();
        var client = network.AddClient();
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 1));
        Assert.False(network.Node.Client.IsEstablished);
        network.Node.Drain();
        Assert.True(network.Run(() => client.IsOver));
    }

    [Fact]
    public void Drain_NewConnection_IsRefused()
    {
        var network = Start();
        network.Node.State.Limits.Drain();
        var client = network.AddClient();
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(QuicTransportError.ConnectionRefused, CloseKind.Transport);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsRefused);
    }

    [Fact]
    public void Deadline_TunnelsLeft_AreEndedByForceAndTheConnectionClosesInOrder()
    {
        var (network, client) = Start().WithClient();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 100_000_000;
        var tcp = client.Connect();
        tcp.KeepsBody = false;
        var udp = client.ConnectUdp();
        Assert.True(network.Run(() => tcp.BodyLength > 0 && udp.Status == 200));
        network.Node.Connector.Hold = true;
        var pending = client.Connect();
        var done = client.Connect("no-port");
        Assert.True(network.Run(() => done.Status == 400 && network.Node.Connector.HeldCount == 1));
        network.Node.Drain();
        network.Run(Time.Seconds(1));
        network.Node.Client.ForceCloseTunnels();
        network.Node.Client.Shutdown();
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(3, network.Node.Loop.Ended.Count);
        Assert.All(network.Node.Loop.Ended, static t => Assert.Equal(TunnelOutcome.ForceClosed, t.Outcome));
        Assert.Equal(0, pending.Status);
    }

    [Fact]
    public void ForceClose_ConnectionStaysOpen_StreamsAreResetAndClosed()
    {
        var (network, client) = Start().WithClient();
        var (tcp, udp) = network.Tunnels(client);
        network.Node.Client.ForceCloseTunnels();
        network.Node.Client.ForceCloseTunnels();
        Assert.Equal(2, network.Node.Loop.Ended.Count);
        Assert.True(network.Run(() => tcp.IsClosed && udp.IsClosed));
        Assert.Equal(Http3ErrorCode.ConnectError, tcp.ResetCode);
        Assert.NotNull(udp.ResetCode);
    }
}
