using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>CONNECT (RFC 9114 §4.4): each direction ends by itself, and resets are passed on.</summary>
public class TcpTunnelTests : InMemoryTests
{
    [Fact]
    public void Connect_Echo_ReturnsWhatWasSentAndEndsInOrder()
    {
        var network = Start();
        var stream = network.Establish().Connect("target.test:8080");
        stream.Send("over the relay"u8);
        stream.Finish();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(200, stream.Status);
        Assert.Equal("over the relay"u8, stream.Body);
        Assert.Equal("relay-node; next-hop=\"192.0.2.1:443\"", stream.Headers["proxy-status"]);
        Assert.False(stream.Headers.ContainsKey("capsule-protocol"));
        Assert.Equal(new TargetAuthority("target.test", 8080), Assert.Single(network.Node.Connector.Targets));
        var tunnel = Assert.Single(network.Node.Loop.Ended);
        Assert.Equal((TunnelOutcome.Completed, 14L, 14L),
            (tunnel.Outcome, tunnel.UpstreamBytes, tunnel.DownstreamBytes));
        Assert.Equal(1, network.Node.Connector.Tcp[0].Closes);
    }

    [Fact]
    public void Connect_ClientEndsFirst_TargetGoesOn()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var stream = network.Establish().Connect();
        stream.SendPattern(1000);
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && network.Node.Connector.Tcp[0].EndDelivered));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal(1000, flow.Delivered);
        flow.Produce(5000);
        Assert.True(network.Run(() => stream.BodyLength == 5000));
        Assert.False(stream.Ended);
        flow.Produce(1);
        flow.End();
        Assert.True(network.Run(() => stream.Ended && stream.IsClosed));
        Assert.Equal(5001, stream.BodyLength);
        Assert.Equal(TunnelOutcome.Completed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Connect_TargetEndsFirst_ClientGoesOn()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (3000, true);
        var stream = network.Establish().Connect();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(3000, stream.BodyLength);
        network.Run(Time.Seconds(60));
        Assert.Empty(network.Node.Loop.Ended);
        stream.SendPattern(7000);
        var flow = network.Node.Connector.Tcp[0];
        Assert.True(network.Run(() => flow.Delivered == 7000));
        Assert.False(flow.EndDelivered);
        stream.Finish();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.True(flow.EndDelivered);
        Assert.Equal((1, 0), (flow.Closes, flow.Aborts));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connect_TargetResets_StreamIsResetWithConnectError(bool whileSending)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = whileSending ? 10_000_000 : 0;
        var stream = network.Establish().Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => stream.Status == 200));
        network.Node.Connector.Tcp[0].Reset();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Http3ErrorCode.ConnectError, stream.ResetCode);
        Assert.Equal(TunnelOutcome.TargetAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Connect_ClientResets_TargetIsReset()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 10_000_000;
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(100);
        Assert.True(network.Run(() => stream.BodyLength > 100_000));
        stream.Reset(Http3ErrorCode.RequestCancelled);
        var flow = network.Node.Connector.Tcp[0];
        Assert.True(network.Run(() => flow.IsClosed));
        Assert.Equal((0, 1), (flow.Closes, flow.Aborts));
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(TunnelOutcome.ClientAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
        // The stream's place is free again, and the connection goes on.
        network.Answered(client.Connect());
    }

    [Fact]
    public void Connect_ClientStopsReceiving_TargetIsReset()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 10_000_000;
        var stream = network.Establish().Connect();
        Assert.True(network.Run(() => stream.BodyLength > 10_000));
        stream.Stop(Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => network.Node.Connector.Tcp[0].Aborts == 1));
        Assert.Equal(TunnelOutcome.ClientAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Connect_BodyAndEndBeforeTheTargetIsThere_AreDeliveredOnceItIs()
    {
        var network = Start();
        network.Node.Connector.Delay = Time.Seconds(2);
        var stream = network.Establish().Connect();
        stream.Send("early"u8);
        stream.Finish();
        network.Run(Time.Seconds(1));
        Assert.Equal(0, stream.Status);
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal("early"u8, stream.Body);
    }

    [Fact]
    public void Connect_ClientEndedAndTargetSilent_TargetIsGivenUpAfterUpstreamTimeout()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var stream = network.Establish().Connect();
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && network.Node.Connector.Tcp[0].EndDelivered));
        network.Run(Time.Seconds(20));
        network.Node.Connector.Tcp[0].Produce(10);
        network.Run(Time.Seconds(29));
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(2));
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }
}
