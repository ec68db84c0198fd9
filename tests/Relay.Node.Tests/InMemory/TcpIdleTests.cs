using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>A TCP tunnel through which nothing passes, with and without a limit on that.</summary>
public class TcpIdleTests : InMemoryTests
{
    private const ulong Limit = 300;

    [Fact]
    public void Tunnel_WithoutALimit_StaysForAsLongAsItsConnection()
    {
        var network = Start(idle: 0);
        var stream = network.Establish().Connect();
        network.Run(Time.Seconds(500)); // its connection has 600
        Assert.Equal(200, stream.Status);
        Assert.Empty(network.Node.Loop.Ended);
    }

    [Fact]
    public void Tunnel_SilentBothWays_IsResetAfterTheLimitAndNotBefore()
    {
        var network = Start(Limit);
        var stream = network.Answered(network.Establish().Connect());
        network.Run(Time.Seconds(Limit - 1));
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(2));
        AssertIdledOut(network, stream);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tunnel_WithBytesOneWay_StaysUntilTheyStop(bool upstream)
    {
        var network = Start(Limit);
        var stream = network.Answered(network.Establish().Connect());
        for (var i = 0; i < 5; i++)
        {
            network.Run(Time.Seconds(Limit - 10));
            if (upstream)
                stream.SendPattern(1);
            else
                network.Node.Connector.Tcp[0].Produce(1);
        }
        network.Run(Time.Seconds(Limit - 10));
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(20));
        AssertIdledOut(network, stream);
    }

    private Network Start(ulong idle)
    {
        var network = Start(new NodeSettings { TcpIdle = Time.Seconds(idle) });
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        return network;
    }

    private static void AssertIdledOut(Network network, TestStream stream)
    {
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Http3ErrorCode.ConnectError, stream.ResetCode);
    }
}
