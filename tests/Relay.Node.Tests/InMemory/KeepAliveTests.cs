using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// The QUIC idle timeout, 30 s unless set: a client that lives is kept for as long as it is promised, however silent; one
/// that vanished is given up.
/// </summary>
public class KeepAliveTests : InMemoryTests
{
    private static readonly ulong Timeout = Time.Seconds(30);

    // A client's own timeout in seconds, 0 for none: RFC 9000 §10.1 makes the lower one count.
    [Theory]
    [InlineData(0)]
    [InlineData(3600)]
    [InlineData(30)]
    [InlineData(5)]
    [InlineData(1)]
    public void SilentClient_WithTunnelsThatAreIdle_KeepsThemForTheClientIdleTimeout(int ownTimeout)
    {
        var network = Start(new NodeSettings { UdpIdle = Time.Seconds(10_000) });
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var client = network.Establish(new ClientSettings { IdleTimeout = Time.Seconds(ownTimeout) });
        var (tcp, udp) = network.Tunnels(client);
        network.Run(Time.Seconds(595));
        Assert.False(client.IsOver);
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(6));
        client.AssertClosed(Http3ErrorCode.NoError);
    }

    [Fact]
    public void SilentClient_WithoutTunnels_IsKeptAsWell()
    {
        var (network, client) = Start().WithClient();
        network.Run(Time.Seconds(595));
        Assert.False(client.IsOver);
        network.Run(Time.Seconds(6));
        Assert.True(client.IsOver);
    }

    [Fact]
    public void SilentClient_IsAskedEveryThirdOfTheTimeout()
    {
        var network = Start();
        _ = network.Establish(null, out var link);
        network.Run(Time.Seconds(20));
        var sent = link.Down.Sent;
        network.Run(Time.Seconds(300));
        // Some of its acknowledgements ask for one in turn.
        Assert.InRange(link.Down.Sent - sent, 29, 60);
    }

    [Fact]
    public void SilentClient_AcknowledgementsLostForAWhile_KeepsItsTunnel()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var client = network.Establish(null, out var link);
        var stream = network.Answered(client.Connect());
        for (var i = 0; i < 5; i++)
        {
            network.Run(Time.Seconds(5));
            link.Up.Filter = static _ => false;
            network.Run(Time.Seconds(15));
            link.Up.Filter = static _ => true;
            network.Run(Time.Seconds(30));
        }
        Assert.False(client.IsOver);
        Assert.Empty(network.Node.Loop.Ended);
        stream.Send("on"u8);
        Assert.True(network.Run(() => network.Node.Connector.Tcp[0].Delivered == 2));
    }

    [Theory]
    [InlineData("idle", 3600)]
    [InlineData("download", 3600)]
    [InlineData("datagrams", 3600)]
    [InlineData("none", 3600)]
    [InlineData("idle", 12)]
    public void Vanished_IsGoneWithinTheTimeout(string tunnels, int ownTimeout)
    {
        var network = Start();
        var timeout = Math.Min(Timeout, Time.Seconds(ownTimeout));
        network.Node.Connector.SetUpTcp = flow => flow.Source = tunnels == "download" ? 1_000_000_000 : 0;
        network.Node.Connector.SetUpUdp = flow => flow.Flood(tunnels == "datagrams" ? 1_000_000 : 0, 1000);
        var client = network.Establish(new ClientSettings { IdleTimeout = Time.Seconds(ownTimeout) });
        if (tunnels != "none")
        {
            var (tcp, udp) = (client.Connect(), client.ConnectUdp());
            (tcp.KeepsBody, udp.KeepsDatagrams) = (false, false);
            Assert.True(network.Run(() => tcp.Status == 200 && udp.Status == 200));
        }
        network.Run(Time.Milliseconds(300));
        client.IsAlive = false;
        network.Run(timeout / 2);
        Assert.Empty(network.Node.Closed);
        network.Run((timeout / 2) + Time.Milliseconds(100));
        Assert.Equal(CloseKind.Idle, Assert.Single(network.Node.Closed).Kind);
        Assert.Equal(tunnels == "none" ? 0 : 2, network.Node.Loop.Ended.Count);
        Assert.All(network.Node.Loop.Ended, static t => Assert.Equal(TunnelOutcome.IdleTimeout, t.Outcome));
    }

    /// <summary>
    /// Three probe timeouts (RFC 9000 §10.1) of a client that answers ever later are minutes: tunnels of who had vanished were
    /// open for as long.
    /// </summary>
    [Fact]
    public void Vanished_AfterItHadAnsweredEverLater_IsGoneWithinTwiceTheTimeout()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var (tcp, udp) = network.Tunnels(client);
        const int slowest = 40;
        for (var delay = 2; delay <= slowest; delay += 2)
        {
            link.Up.Conditions = new PathConditions { Delay = Time.Seconds(delay) };
            tcp.Send("x"u8);
            udp.SendDatagram("x"u8);
            network.Run(Time.Seconds(4));
        }
        network.Run(Time.Seconds(slowest));
        Assert.InRange(3 * network.Node.Connection.ProbeTimeout, 3 * Timeout, ulong.MaxValue);
        client.IsAlive = false;
        // What is on its way.
        network.Run(Time.Seconds(slowest));
        Assert.Empty(network.Node.Closed);
        network.Run((2 * Timeout) + Time.Seconds(1));
        Assert.Equal(CloseKind.Idle, Assert.Single(network.Node.Closed).Kind);
        Assert.Equal(2, network.Node.Loop.Ended.Count);
        // Three probe timeouts, until it is forgotten.
        network.Run(Time.Seconds(1000));
    }

    // Twice the timeout is 4 s, three probe timeouts of the path are more than 10 s.
    [Fact]
    public void SlowPath_AndAShortTimeout_IsWaitedForThreeProbeTimeouts()
    {
        var (network, client) = Start(new NodeSettings { QuicIdle = Time.Seconds(2) }).WithClient(null, out var link);
        var (tcp, _) = network.Tunnels(client);
        const int slowest = 6000;
        for (var delay = 200; delay < 2 * slowest; delay += 200)
        {
            link.Up.Conditions = new PathConditions { Delay = Time.Milliseconds(Math.Min(delay, slowest)) };
            tcp.Send("x"u8);
            network.Run(Time.Milliseconds(500));
        }
        Assert.InRange(3 * network.Node.Connection.ProbeTimeout, Time.Seconds(11), ulong.MaxValue);
        client.IsAlive = false;
        // What is on its way.
        network.Run(Time.Milliseconds(slowest));
        network.Run(Time.Seconds(6));
        Assert.Empty(network.Node.Closed);
        network.Run(Time.Seconds(5));
        Assert.Equal(CloseKind.Idle, Assert.Single(network.Node.Closed).Kind);
    }

    // RFC 9000 §10.1: who gives up before the timeout that the other side counts by "commits to initiating an immediate
    // close".
    [Fact]
    public void OnlyItsPacketsAreLost_ClientHearsThatItIsGivenUp()
    {
        var (network, client) = Start().WithClient(null, out var link);
        link.Up.Filter = static _ => false;
        Assert.True(network.Simulation.Run(() => client.IsOver, Timeout + Time.Milliseconds(100)));
        Assert.Equal(
            (QuicState.Draining, CloseKind.Transport, QuicTransportError.NoError),
            (client.State, client.CloseReason.Kind, client.CloseReason.Code));
        link.Up.Filter = static _ => true;
    }
}
