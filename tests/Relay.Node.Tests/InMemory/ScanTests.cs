using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>A client that seems to scan is told to wait (429), and no other client pays for it.</summary>
public class ScanTests : InMemoryTests
{
    [Theory]
    [InlineData(ProxyErrorType.ConnectionRefused)]
    [InlineData(ProxyErrorType.ConnectionTimeout)]
    [InlineData(ProxyErrorType.DestinationIpProhibited)]
    [InlineData(ProxyErrorType.DnsError)]
    public void FailedTargets_BeyondTheBurst_AreRefusedUntilSomeTimeHasPassed(ProxyErrorType error)
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(error);
        var client = network.Establish();
        var burst = ScanLimits.Connection.Failures.Burst;
        foreach (var failed in AskAll(network, client, 1, burst))
            Assert.Equal(ProxyStatus.GetStatusCode(error), failed.Status);
        var refused = Ask(network, client, burst + 1);
        Assert.Equal(429, refused.Status);
        Assert.Equal("relay-node; error=http_request_denied; details=\"scanning\"", refused.Headers["proxy-status"]);
        Assert.Equal("1", refused.Headers["retry-after"]);
        Assert.Equal((1L, burst), (network.Node.Loop.Counters.RefusedScanning, network.Node.Connector.Targets.Count));

        // Another client is nobody's neighbour but its own.
        network.Node.Connector.Failure = null;
        Assert.Equal(200, Ask(network, network.Establish(), 1).Status);

        network.Run(Time.Seconds(1));
        Assert.Equal(200, Ask(network, client, burst + 1).Status);
    }

    [Fact]
    public void DistinctTargets_BeyondTheBurst_AreRefused()
    {
        var network = Start(
            new NodeSettings { MaxTunnelsPerConnection = 2000, MaxBidirectionalStreams = 2000 });
        var client = network.Establish();
        var burst = ScanLimits.Connection.Targets.Burst;
        var statuses = Enumerable.Range(0, 8)
            .SelectMany(part => AskAll(network, client, 1 + (part * burst / 4), burst / 4))
            .Select(static stream => stream.Status).ToList();
        var first = statuses.IndexOf(429);
        // Some of it comes back while the requests are on their way.
        Assert.InRange(first, burst, burst + 40);
        Assert.All(statuses, static status => Assert.True(status is 200 or 429));
        Assert.True(statuses.Count(static status => status == 429) > burst / 2);
    }

    [Theory]
    [InlineData(ProxyErrorType.ConnectionLimitReached)]
    [InlineData(ProxyErrorType.ProxyInternalError)]
    public void FailuresOfTheRelay_AreNotTheClients(ProxyErrorType error)
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(error);
        var client = network.Establish();
        foreach (var failed in AskAll(network, client, 1, 2 * ScanLimits.Connection.Failures.Burst))
            Assert.Equal(ProxyStatus.GetStatusCode(error), failed.Status);
        Assert.Equal(0, network.Node.Loop.Counters.RefusedScanning);
    }

    [Fact]
    public void ClosedUdpPorts_CountAsFailures()
    {
        const int refusedByPeer = 111;
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Fail(refusedByPeer);
        var client = network.Establish();
        var streams = Enumerable.Range(1, ScanLimits.Connection.Failures.Burst)
            .Select(port => client.ConnectUdp(port: $"{port}")).ToList();
        Assert.True(network.Run(() => streams.All(static stream => stream.Ended)));
        var refused = client.ConnectUdp(port: "9999");
        Assert.True(network.Run(() => refused.IsAnswered));
        Assert.Equal(429, refused.Status);
    }

    [Fact]
    public void ManyConnectionsOfOneSource_ShareItsLimit()
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused);
        var failures = 0;
        for (var round = 0; round < 12; round++)
        {
            var client = network.Establish(new ClientSettings { Host = 77 });
            failures += AskAll(network, client, 1, ScanLimits.Connection.Failures.Burst - 1)
                .Count(static stream => stream.Status == 502);
        }
        Assert.InRange(failures, ScanLimits.Source.Failures.Burst, 11 * ScanLimits.Connection.Failures.Burst);
        Assert.True(network.Node.Loop.Counters.RefusedScanning > 0);
    }

    private static TestStream Ask(Network network, TestClient client, int port) =>
        AskAll(network, client, port, 1)[0];

    /// <summary>Asks for so many ports at once, so that little of what is spent comes back meanwhile.</summary>
    private static List<TestStream> AskAll(Network network, TestClient client, int port, int count)
    {
        var streams = network.AskAll(client, count, i => client.Connect($"target.test:{port + i}"));
        Assert.True(network.Run(() => streams.All(static stream => stream.IsAnswered)));
        foreach (var stream in streams)
            stream.Finish();
        Assert.True(network.Run(() => streams.All(static stream => stream.IsClosed)));
        return streams;
    }
}
