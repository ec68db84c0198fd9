using Relay.Node.Counters;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>Requests that open no tunnel: what they are answered, and that nothing of them is left.</summary>
public class RefusalTests : InMemoryTests
{
    public static TheoryData<ProxyErrorType, string?, int, string> Failures => new()
    {
        { ProxyErrorType.DnsError, "NXDOMAIN", 502, "relay-node; error=dns_error; rcode=\"NXDOMAIN\"" },
        { ProxyErrorType.DnsTimeout, null, 504, "relay-node; error=dns_timeout" },
        { ProxyErrorType.DestinationIpProhibited, null, 403, "relay-node; error=destination_ip_prohibited" },
        { ProxyErrorType.DestinationIpUnroutable, null, 502, "relay-node; error=destination_ip_unroutable" },
        { ProxyErrorType.ConnectionRefused, null, 502, "relay-node; error=connection_refused" },
        { ProxyErrorType.ConnectionTimeout, null, 504, "relay-node; error=connection_timeout" },
        { ProxyErrorType.ConnectionLimitReached, null, 503, "relay-node; error=connection_limit_reached" },
        { ProxyErrorType.ProxyLoopDetected, null, 508, "relay-node; error=proxy_loop_detected" },
        { ProxyErrorType.ProxyInternalError, null, 500, "relay-node; error=proxy_internal_error" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Target_NotReached_IsAnsweredWithStatusAndProxyStatus(
        ProxyErrorType error, string? rcode, int status, string proxyStatus)
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(error, Rcode: rcode);
        network.Node.Connector.Delay = Time.Milliseconds(5);
        var client = network.Establish();
        foreach (var stream in (TestStream[])[client.Connect(), client.ConnectUdp()])
        {
            stream.Send("unheard"u8);
            Assert.True(network.Run(() => stream.Ended));
            Assert.Equal((status, proxyStatus), (stream.Status, stream.Headers["proxy-status"]));
            Assert.Null(stream.ResetCode);
            stream.Finish();
            Assert.True(network.Run(() => stream.IsClosed));
        }
        Assert.All(network.Node.Loop.Ended, static t => Assert.Equal(TunnelOutcome.Refused, t.Outcome));
        Assert.Equal(2, network.Node.Loop.Counters.RequestsRefused);
        Assert.True(network.Run(() => network.Node.Connection.StreamCount == 0));
    }

    [Fact]
    public void Target_RefusedByAnAddress_IsNamedAsNextHop()
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused, "203.0.113.9");
        var stream = network.Establish().Connect();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal("relay-node; next-hop=\"203.0.113.9\"; error=connection_refused", stream.Headers["proxy-status"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Target_ThereAfterTheClientHasGone_IsNotEvenTried(bool udp)
    {
        var network = Start();
        network.Node.Connector.Hold = true;
        var client = network.Establish();
        var stream = udp ? client.ConnectUdp() : client.Connect();
        network.Run(Time.Milliseconds(100));
        stream.Reset(Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(TunnelOutcome.ClientAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
        network.Node.Connector.Release();
        network.Run(Time.Seconds(1));
        Assert.Equal(1, network.Node.Connector.Abandoned);
        Assert.Empty(network.Node.Connector.Tcp);
        Assert.Empty(network.Node.Connector.Udp);
    }

    [Fact]
    public void Tunnels_MoreThanAConnectionMayHave_Are503ConnectionLimitReached()
    {
        var (network, client) = Start(new NodeSettings { MaxTunnelsPerConnection = 3 }).WithClient();
        var streams = Enumerable.Range(0, 5).Select(_ => client.Connect()).ToList();
        Assert.True(network.Run(() => streams.TrueForAll(static s => s.Status != 0)));
        Assert.Equal([200, 200, 200, 503, 503], streams.Select(static s => s.Status));
        Assert.Equal("relay-node; error=connection_limit_reached; details=\"limit of the connection\"", streams[3].Headers["proxy-status"]);
        streams[3].Finish();
        streams[4].Finish();
        streams[0].Finish();
        Assert.True(network.Run(() => streams[0].IsClosed && network.Node.Connection.StreamCount == 2));
        network.Answered(client.Connect());
    }

    [Fact]
    public void Tunnels_RefusedStreamsThatClientsKeepOpen_DoNotCountAsTunnels()
    {
        var (network, client) = Start(new NodeSettings { MaxTunnelsPerConnection = 3 }).WithClient();
        var bad = Enumerable.Range(0, 10).Select(_ => client.Connect("no-port")).ToList();
        Assert.True(network.Run(() => bad.TrueForAll(static s => s.Status == 400)));
        var good = client.Connect();
        Assert.True(network.Run(() => good.Status != 0));
        Assert.Equal(200, good.Status);
    }

    [Fact]
    public void Tunnels_MoreThanTheNodeMayHave_Are503AndCountedRight()
    {
        var (network, first) = Start(new NodeSettings { MaxTunnels = 2 }).WithClient();
        var second = network.Establish();
        var streams = (TestStream[])[first.Connect(), first.Connect(), second.Connect()];
        Assert.True(network.Run(() => Array.TrueForAll(streams, static s => s.Status != 0)));
        Assert.Equal([200, 200, 503], streams.Select(static s => s.Status));
        Assert.Equal(2, network.Node.State.Limits.Tunnels);
    }
}
