using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>A limit that is reached is an answer, not a silence.</summary>
public class LimitTests : InMemoryTests
{
    private const ulong ConnectionRefused = 2;

    [Fact]
    public void Tunnels_OfOneConnection_AreLimited_AnotherConnectionHasItsOwn()
    {
        var (network, client) = Start(new NodeSettings { MaxTunnelsPerConnection = 3 }).WithClient();
        var open = new List<TestStream>();
        for (var i = 0; i < 3; i++)
            open.Add(Ask(network, client));
        Assert.All(open, static stream => Assert.Equal(200, stream.Status));
        var refused = Ask(network, client);
        Assert.Equal(503, refused.Status);
        Assert.Equal("relay-node; error=connection_limit_reached; details=\"limit of the connection\"", refused.Headers["proxy-status"]);
        Assert.Equal(1, network.Node.Loop.Counters.RefusedLimit);
        Assert.Equal(200, Ask(network, network.Establish()).Status);

        refused.Finish();
        open[0].Finish();
        // Closed for the client is not yet acknowledged to the node.
        Assert.True(network.Run(() => open[0].IsClosed && refused.IsClosed
            && network.Node.Connections.Open.Sum(static c => c.TunnelCount) == 3));
        Assert.Equal(200, Ask(network, client).Status);
    }

    [Fact]
    public void Tunnels_OfTheNode_AreLimited()
    {
        var (network, first) = Start(new NodeSettings { MaxTunnels = 4 }).WithClient();
        var second = network.Establish();
        var open = (TestStream[])[Ask(network, first), Ask(network, first), Ask(network, second), Ask(network, second)];
        Assert.All(open, static stream => Assert.Equal(200, stream.Status));
        Assert.Equal(503, Ask(network, first).Status);
        Assert.Equal(503, Ask(network, second).Status);
        Assert.Equal((2L, 4L), (network.Node.Loop.Counters.RefusedLimit, network.Node.State.Limits.Tunnels));
        open[3].Finish();
        Assert.True(network.Run(() => open[3].IsClosed));
        Assert.Equal(200, Ask(network, first).Status);
    }

    [Theory]
    [InlineData(2, 100)]
    [InlineData(100, 2)]
    public void Connections_OfTheNodeAndOfASource_AreLimited(int all, int perSource)
    {
        var network = Start(new NodeSettings { MaxConnections = all, MaxConnectionsPerSource = perSource });
        var settings = new ClientSettings { Host = 77 };
        _ = network.Establish(settings);
        _ = network.Establish(settings);
        var third = network.AddClient(settings);
        Assert.True(network.Run(() => third.IsOver));
        third.AssertClosed(ConnectionRefused, CloseKind.Transport);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsRefused);
        if (perSource < all)
            _ = network.Establish();
    }

    [Fact]
    public void Connections_AllegedByAForger_DoNotUseUpTheLimitOfWhoseAddressItIs()
    {
        const int Limit = 3;
        var network = Start(new NodeSettings { MaxConnectionsPerSource = Limit });
        for (byte i = 1; i <= Limit; i++)
        {
            var hello = InitialForge.Write(
                [i, 2, 3, 4, 5, 6, 7, 8], [9], InitialForge.Crypto(0, [1, 0, 2, 0, 3, 3, .. new byte[100]]));
            network.Node.Receive(new Packet(hello, Network.Endpoint(77, 1000 + i), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(1));
        Assert.Equal((Limit, 0L), (network.Node.Connections.Open.Count, network.Node.Loop.Counters.RetriesSent));
        // Whose address it is has to prove it, and then has the whole limit.
        var settings = new ClientSettings { Host = 77 };
        for (var i = 0; i < Limit; i++)
            _ = network.Establish(settings);
        Assert.Equal(Limit, network.Node.Loop.Counters.RetriesSent);
        var oneMore = network.AddClient(settings);
        Assert.True(network.Run(() => oneMore.IsOver));
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsRefused);
    }

    private static TestStream Ask(Network network, TestClient client)
    {
        var stream = client.Connect();
        Assert.True(network.Run(() => stream.IsAnswered));
        return stream;
    }
}
