using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>Every timeout of docs/reference.md#1-relay-node, to the second, on a clock that only the test moves.</summary>
public class TimeoutTests : InMemoryTests
{
    [Fact]
    public void ClientIdle_WithoutAnHttp3Event_ConnectionClosesAndItsTunnelsEnd()
    {
        var network = Start(new NodeSettings { ClientIdle = Time.Seconds(600) });
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        // The client's own timeout is longer, and it keeps the QUIC connection alive: PINGs are no HTTP/3 event.
        var client = network.Establish();
        client.KeepAlive(Time.Seconds(100));
        network.Answered(client.Connect());
        network.Run(Time.Seconds(598));
        Assert.False(client.IsOver);
        network.Run(Time.Seconds(4));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ClientIdle_ClientThatOnlyReceives_IsNotIdle(bool udp)
    {
        var network = Start(new NodeSettings { ClientIdle = Time.Seconds(30) });
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        var stream = network.Answered(udp ? client.ConnectUdp() : client.Connect());
        for (var i = 0; i < 20; i++)
        {
            network.Run(Time.Seconds(20));
            if (udp)
                network.Node.Connector.Udp[0].Deliver([1]);
            else
                network.Node.Connector.Tcp[0].Produce(1);
        }
        network.Run(Time.Seconds(1));
        Assert.False(client.IsOver);
        Assert.Equal(20, udp ? stream.DatagramCount : stream.BodyLength);
    }

    [Fact]
    public void UdpIdle_NoDatagramEitherWay_StreamEndsAfterTwoMinutes()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var stream = network.Answered(network.Establish().ConnectUdp());
        stream.SendDatagram("up"u8);
        network.Run(Time.Seconds(119));
        network.Node.Connector.Udp[0].Deliver([1]);
        network.Run(Time.Seconds(119));
        Assert.Equal(0, network.Node.Connector.Udp[0].Closes);
        network.Run(Time.Seconds(2));
        Assert.Equal(1, network.Node.Connector.Udp[0].Closes);
        Assert.True(stream.Ended);
        Assert.Null(stream.ResetCode);
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Upstream_ClientEndedAndTargetGoesOn_IsNotCut()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var stream = network.Establish().Connect();
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && network.Node.Connector.Tcp[0].EndDelivered));
        for (var i = 0; i < 10; i++)
        {
            network.Run(Time.Seconds(25));
            network.Node.Connector.Tcp[0].Produce(10);
        }
        network.Run(Time.Seconds(1));
        Assert.Equal(100, stream.BodyLength);
        network.Node.Connector.Tcp[0].End();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(TunnelOutcome.Completed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Drain_ClientEndedThenConnectionClosed_WhatItSentIsStillDelivered()
    {
        var network = Start();
        var (client, flow) = UploadToTargetThatDoesNotRead(network);
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        network.Run(Time.Seconds(9));
        Assert.Single(network.Node.Context.Tunnels.Detached);
        flow.BeginReading();
        Assert.True(network.Run(() => flow.EndDelivered));
        Assert.Equal(100_000, flow.Delivered);
        Assert.True(flow.DeliveredPattern);
        flow.End();
        Assert.True(network.Run(() => flow.IsClosed));
        Assert.Equal((1, TunnelOutcome.Completed), (flow.Closes, Assert.Single(network.Node.Loop.Ended).Outcome));
    }

    [Fact]
    public void Drain_TargetStillDoesNotRead_IsAbortedAfterRelayShutdownDrainTimeout()
    {
        var network = Start();
        var (client, flow) = UploadToTargetThatDoesNotRead(network);
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Context.Tunnels.Detached.Count == 1));
        network.Run(Time.Seconds(9.5));
        Assert.False(flow.IsClosed);
        network.Run(Time.Seconds(1));
        Assert.Equal((1, TunnelOutcome.ForceClosed), (flow.Aborts, Assert.Single(network.Node.Loop.Ended).Outcome));
    }

    private static (TestClient Client, FakeTcpFlow Flow) UploadToTargetThatDoesNotRead(Network network)
    {
        network.Node.Connector.SetUpTcp =
            static flow => (flow.Echo, flow.Reads, flow.KernelBuffer) = (false, false, 10_000);
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(100_000);
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && stream.Pending == 0));
        network.Run(Time.Seconds(1));
        return (client, Assert.Single(network.Node.Connector.Tcp));
    }
}
