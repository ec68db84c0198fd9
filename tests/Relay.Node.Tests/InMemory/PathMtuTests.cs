namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Path MTU discovery (RFC 8899), and datagrams too large for the path: dropped and counted, never moved to a capsule,
/// never the end of the tunnel (RFC 9298 §5).
/// </summary>
public class PathMtuTests : InMemoryTests
{
    private const int Ethernet = 1472; // 1500 less IPv4 and UDP
    private const int SmallIPv4 = 1252; // 1280 less IPv4 and UDP
    private const int LargestSent = 1452;

    [Fact]
    public void Discovery_EthernetPath_RaisesTheLimit()
    {
        var (network, client) = Start().WithClient(Path(Ethernet));
        Assert.True(network.Run(() => network.Node.Connection.PathMaximum == LargestSent));
        var stream = network.Answered(client.ConnectUdp());
        network.Node.Connector.Udp[0].Deliver(new byte[1400]);
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
        Assert.Equal(1, stream.InFrames);
    }

    [Fact]
    public void Discovery_SmallPath_DoesNotRaiseTheLimitBeyondIt()
    {
        var network = Start();
        network.Establish(Path(SmallIPv4), out var link);
        network.Run(Time.Seconds(30));
        Assert.InRange(network.Node.Connection.PathMaximum, 1200, SmallIPv4);
        Assert.True(link.Down.TooLarge > 0, "Nothing was probed.");
    }

    [Fact]
    public void Handshake_SmallPath_NoPacketOfItIsTooLarge()
    {
        var network = Start();
        var client = network.AddClient(Path(1200), out var link);
        Assert.True(network.Run(() => client.IsEstablished));
        Assert.Equal(0, link.Down.TooLarge);
        Assert.True(network.Simulation.Now < Time.Seconds(1000.2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    public void Download_SmallPath_ArrivesAtOnce(double loss)
    {
        const long Size = 1_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { MaxPayload = SmallIPv4, Loss = loss },
        });
        var stream = client.Connect();
        Assert.True(network.Simulation.Run(() => stream.Ended, Time.Seconds(8)));
        Assert.Equal((Size, true), (stream.BodyLength, stream.BodyIsPattern));
    }

    [Fact]
    public void Datagram_TooLargeForThePath_IsDroppedAndCountedAndTheTunnelGoesOn()
    {
        var (network, client) = Start().WithClient(Path(SmallIPv4));
        var stream = client.ConnectUdp();
        stream.ReadsCapsules = true;
        Assert.True(network.Run(() => stream.Status == 200));
        network.Run(Time.Seconds(20));
        var flow = network.Node.Connector.Udp[0];
        foreach (var size in (int[])[1000, 1400, 1100, 1500, 9000, 1001])
            flow.Deliver(new byte[size]);
        network.Run(Time.Seconds(2));
        Assert.Equal([1000, 1100, 1001], stream.Datagrams.Select(static d => d.Length));
        Assert.Equal(3, stream.InFrames);
        Assert.Equal(3, network.Node.Loop.Counters.DownstreamDropsTooLarge);
        Assert.Equal(0, stream.BodyLength);
        Assert.Empty(network.Node.Loop.Ended);
    }

    [Fact]
    public void Datagram_LargeBeforeDiscoveryIsDone_ArrivesOnAPathThatTakesIt()
    {
        // An inner QUIC handshake answers with 1200 bytes and more, a round trip before anything larger is proven.
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Deliver(new byte[1252]);
        var client = network.AddClient(Path(Ethernet));
        Assert.True(network.Run(() => client.IsEstablished));
        var stream = client.ConnectUdp();
        Assert.True(network.Simulation.Run(() => stream.Datagrams.Count == 1, Time.Seconds(1)));
        Assert.Equal(0, network.Node.Loop.Counters.DownstreamDropsTooLarge);
    }

    /// <summary>
    /// RFC 9000 §14: what every QUIC handshake in a tunnel needs. 1280 is the MTU of phones' VPNs, and the least of IPv6.
    /// </summary>
    [Theory]
    [InlineData(1280 - 28)]
    [InlineData(1280 - 48)]
    [InlineData(1308 - 28)]
    [InlineData(1308 - 48)]
    [InlineData(1328 - 28)]
    [InlineData(1400 - 28)]
    [InlineData(1400 - 48)]
    [InlineData(1500 - 28)]
    [InlineData(1500 - 48)]
    public void Datagrams_Of1200BytesFromTheBeginning_ArriveOnEveryPathOf1280AndMore(int payload)
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Deliver(new byte[1200]);
        var client = network.AddClient(Path(payload) with { ConnectionIdLength = 8 });
        Assert.True(network.Run(() => client.IsEstablished));
        var stream = network.Answered(client.ConnectUdp());
        stream.SendDatagram(new byte[1200]);
        Assert.True(network.Run(() =>
            stream.Datagrams.Count == 1 && network.Node.Connector.Udp[0].Sent.Count == 1));
        Assert.Equal(1200, stream.Datagrams[0].Length);
        Assert.Equal(1200, network.Node.Connector.Udp[0].Sent[0].Length);
        Assert.Equal(0, network.Node.Loop.Counters.DownstreamDropsTooLarge + client.DatagramsTooLarge);
    }

    /// <summary>
    /// RFC 9297 §2.1: the quarter stream ID is a byte longer from the 65th request on.
    /// </summary>
    [Theory]
    [InlineData(1280 - 28)]
    [InlineData(1280 - 48)]
    [InlineData(1308 - 48)]
    public void Datagrams_Of1200BytesOfALaterRequest_ArriveWhereThereIsRoomForItsNumber(int payload)
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Deliver(new byte[1200]);
        var client = network.AddClient(Path(payload) with { ConnectionIdLength = 7 });
        Assert.True(network.Run(() => client.IsEstablished));
        var others = network.AskAll(client, 64, _ => client.Connect());
        Assert.True(network.Run(() => others.TrueForAll(static other => other.Status == 200)));
        var stream = network.Answered(client.ConnectUdp());
        stream.SendDatagram(new byte[1200]);
        Assert.True(network.Run(() =>
            stream.Datagrams.Count == 1 && network.Node.Connector.Udp[0].Sent.Count == 1));
    }

    [Fact]
    public void Datagram_LargeBeforeDiscoveryIsDone_HoldsBackNothingForLongOnASmallPath()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow =>
        {
            flow.Deliver(new byte[1400]);
            flow.Deliver(new byte[100]);
        };
        var client = network.AddClient(Path(SmallIPv4));
        Assert.True(network.Run(() => client.IsEstablished));
        var stream = client.ConnectUdp();
        Assert.True(network.Simulation.Run(() => stream.Datagrams.Count == 1, Time.Seconds(1)));
        Assert.Equal(100, stream.Datagrams[0].Length);
    }

    [Fact]
    public void Datagrams_FloodAndDownloadOnASmallPath_BothArrive()
    {
        const long Size = 300_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { MaxPayload = SmallIPv4, Loss = 0.02, Bandwidth = 2_000_000 },
        });
        var udp = client.ConnectUdp();
        udp.KeepsDatagrams = false;
        Assert.True(network.Run(() => udp.Status == 200));
        network.Node.Connector.Udp[0].Flood(1_000_000, 800);
        var tcp = client.Connect();
        Assert.True(network.Simulation.Run(() => tcp.Ended, Time.Seconds(20)));
        Assert.Equal((Size, true), (tcp.BodyLength, tcp.BodyIsPattern));
        Assert.True(udp.DatagramCount > 100);
    }

    [Fact]
    public void Path_ThatShrinksWithoutAWord_DownloadGoesOn_AndTheLimitRisesAgainLater()
    {
        const long Size = 3_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(
            new ClientSettings { Path = new PathConditions { MaxPayload = Ethernet, Bandwidth = 1_000_000 } },
            out var link);
        var stream = client.Connect();
        Assert.True(network.Run(() => stream.BodyLength > 500_000));
        Assert.Equal(LargestSent, network.Node.Connection.PathMaximum);
        link.Conditions = new PathConditions { MaxPayload = SmallIPv4, Bandwidth = 1_000_000 };
        Assert.True(network.Simulation.Run(() => stream.Ended, Time.Seconds(30)), $"{stream.BodyLength} bytes");
        Assert.Equal((Size, true), (stream.BodyLength, stream.BodyIsPattern));

        // Meanwhile the path has become what it was.
        link.Conditions = PathConditions.Good;
        network.Run(Time.Seconds(60));
        var udp = network.Answered(client.ConnectUdp());
        network.Node.Connector.Udp[0].Deliver(new byte[1400]);
        Assert.True(network.Run(() => udp.Datagrams.Count == 1));
        Assert.Equal((false, LargestSent), (network.Node.Connection.IsReduced, network.Node.Connection.PathMaximum));
    }

    [Fact]
    public void Path_ThatShrankAndStaysSmall_CostsAPauseNowAndThen()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var client = network.Establish(
            new ClientSettings
            {
                Path = new PathConditions
                {
                    MaxPayload = Ethernet,
                    Bandwidth = 50_000,
                    QueueBytes = 20_000
                }
            },
            out var link);
        var stream = client.Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => network.Node.Connection.PathMaximum == LargestSent && stream.BodyLength > 0));
        link.Conditions = new PathConditions { MaxPayload = SmallIPv4, Bandwidth = 50_000, QueueBytes = 20_000 };
        network.Run(Time.Seconds(600));
        // Of ten minutes with 50 kB a second, no more than one is lost to the tries.
        Assert.InRange(stream.BodyLength, 540 * 45_000, long.MaxValue);
    }

    [Fact]
    public void Outage_IsNoSmallPathForLong()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var client = network.Establish(
            new ClientSettings { Path = new PathConditions { Bandwidth = 1_000_000 } }, out var link);
        var udp = client.ConnectUdp();
        var stream = client.Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => udp.Status == 200 && stream.BodyLength > 500_000));
        link.Conditions = PathConditions.Lossy(1);
        network.Run(Time.Seconds(20));
        Assert.True(network.Node.Connection.IsReduced);
        link.Conditions = new PathConditions { Bandwidth = 1_000_000 };
        var before = stream.BodyLength;
        Assert.True(network.Run(() => stream.BodyLength > before));
        network.Run(Time.Seconds(3));
        network.Node.Connector.Udp[0].Deliver(new byte[1400]);
        Assert.True(network.Run(() => udp.Datagrams.Count == 1));
        Assert.False(network.Node.Connection.IsReduced);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Client_ThatDoesNotRead_IsNoSmallPath(bool cancels)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var client = network.Establish();
        var udp = client.ConnectUdp();
        udp.KeepsDatagrams = false;
        var tcp = client.Connect();
        (tcp.Reads, tcp.KeepsBody) = (false, false);
        Assert.True(network.Run(() => udp.Status == 200 && tcp.Status == 200 && tcp.BodyLength > 200_000));
        if (cancels)
            tcp.Stop(0x10c);
        for (var i = 0; i < 100; i++)
        {
            network.Node.Connector.Udp[0].Flood(10, 1400);
            network.Run(Time.Milliseconds(200));
        }
        Assert.False(network.Node.Connection.IsReduced);
        Assert.Equal(1000, udp.DatagramCount);
    }

    [Fact]
    public void Datagram_UpstreamTooLarge_IsTheClientsLossAlone()
    {
        var (network, client) = Start().WithClient(Path(Ethernet));
        var stream = network.Answered(client.ConnectUdp());
        network.Run(Time.Seconds(5));
        stream.SendDatagram(new byte[3000]);
        stream.SendDatagram(new byte[1300]);
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
        Assert.Equal(1, client.DatagramsTooLarge);
    }

    private static ClientSettings Path(int payload) => new() { Path = new PathConditions { MaxPayload = payload } };
}
