using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

public class IdleTimeoutTests : InMemoryTests
{
    [Fact]
    public void UdpTunnel_NoDatagramForTwoMinutes_IsEndedInOrder()
    {
        var network = Start();
        var stream = network.Answered(network.Establish().ConnectUdp());
        network.Run(Time.Seconds(119));
        Assert.False(stream.Ended);
        network.Run(Time.Seconds(2));
        Assert.True(stream.Ended);
        Assert.Null(stream.ResetCode);
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.Equal(1, network.Node.Connector.Udp[0].Closes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void UdpTunnel_DatagramsOneWay_KeepItOpen(bool upstream)
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        var stream = network.Answered(client.ConnectUdp());
        for (var i = 0; i < 5; i++)
        {
            network.Run(Time.Seconds(100));
            if (upstream)
                stream.SendDatagram("up"u8);
            else
                network.Node.Connector.Udp[0].Deliver("down"u8.ToArray());
        }
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(121));
        Assert.Single(network.Node.Loop.Ended);
    }

    [Fact]
    public void Connection_OnlyPings_IsClosedAfterTenMinutes()
    {
        var (network, client) = Start().WithClient();
        client.KeepAlive(Time.Seconds(20));
        client.Wake();
        network.Answered(client.Connect());
        network.Run(Time.Seconds(590));
        Assert.False(client.IsOver);
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    [Theory]
    [InlineData("request")]
    [InlineData("body")]
    [InlineData("datagram")]
    [InlineData("download")]
    [InlineData("capsules down")]
    [InlineData("datagrams down")]
    public void Connection_Http3Events_KeepItOpen(string what)
    {
        var network = Start(new NodeSettings { UdpIdle = Time.Seconds(100_000) });
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish(new ClientSettings { Datagrams = what != "capsules down" });
        client.KeepAlive(Time.Seconds(20));
        var (tcp, udp) = network.Tunnels(client);
        for (var i = 0; i < 4; i++)
        {
            network.Run(Time.Seconds(400));
            switch (what)
            {
                case "request":
                    client.Request((":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/"));
                    break;
                case "body":
                    tcp.SendPattern(1);
                    break;
                case "datagram":
                    udp.SendDatagram("x"u8);
                    break;
                case "download":
                    network.Node.Connector.Tcp[0].Produce(1000);
                    break;
                default:
                    network.Node.Connector.Udp[0].Deliver([1, 2, 3]);
                    break;
            }
        }
        network.Run(Time.Seconds(100));
        Assert.False(client.IsOver);
        Assert.True(network.Simulation.Run(() => client.IsOver, Time.Seconds(520)));
    }
}
