namespace Relay.Node.Tests.InMemory;

/// <summary>A client whose address changes, and one whose keys do.</summary>
public class MigrationTests : InMemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Client_ChangesItsAddress_TunnelsGoOn(bool knowingly)
    {
        const long Size = 3_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(null, out var link);
        var tcp = client.Connect();
        var udp = client.ConnectUdp();
        tcp.SendPattern(Size);
        tcp.Finish();
        for (var i = 0; i < 5; i++)
        {
            var before = tcp.BodyLength;
            Assert.True(network.Run(() => tcp.BodyLength > before + 100_000 || tcp.Ended));
            network.Run(Time.Milliseconds(200));
            if (knowingly)
                network.Migrate(client, link, 40_000 + i);
            else
                network.Rebind(link, 40_000 + i);
            udp.SendDatagram([(byte)i]);
        }
        Assert.True(network.Simulation.Run(() => tcp.IsClosed, Time.Seconds(60)));
        Assert.Equal((Size, true), (tcp.BodyLength, tcp.BodyIsPattern));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((Size, true), (flow.Delivered, flow.DeliveredPattern));
        udp.SendDatagram("after"u8);
        var count = udp.Datagrams.Count;
        Assert.True(network.Run(() => udp.Datagrams.Count > count));
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsAccepted);
    }

    [Fact]
    public void Client_ChangesItsAddress_OldAddressHearsNoMore()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var udp = network.Answered(client.ConnectUdp());
        network.Run(Time.Seconds(2));
        network.Rebind(link, 41_000);
        udp.SendDatagram("moved"u8);
        network.Run(Time.Seconds(5));
        var old = 0;
        link.Down.Filter = packet =>
        {
            old += packet.To == client.Local ? 1 : 0;
            return true;
        };
        for (var i = 0; i < 10; i++)
        {
            udp.SendDatagram([1]);
            network.Run(Time.Milliseconds(100));
        }
        Assert.Equal(11, udp.Datagrams.Count);
        Assert.Equal(0, old);
    }

    [Fact]
    public void Client_ChangesToASmallerPath_DatagramsAreBoundedByItAndTheTunnelGoesOn()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var udp = network.Answered(client.ConnectUdp());
        network.Run(Time.Seconds(5));
        Assert.Equal(1452, network.Node.Connection.PathMaximum);
        link.Conditions = new PathConditions { MaxPayload = 1252 };
        network.Migrate(client, link, 42_000);
        udp.SendDatagram([1]);
        network.Run(Time.Seconds(30));
        Assert.InRange(network.Node.Connection.PathMaximum, 1200, 1252);
        network.Node.Connector.Udp[0].Deliver(new byte[1400]);
        network.Node.Connector.Udp[0].Deliver(new byte[1100]);
        var count = udp.Datagrams.Count;
        Assert.True(network.Run(() => udp.Datagrams.Count == count + 1));
        Assert.Equal(1, network.Node.Loop.Counters.DownstreamDropsTooLarge);
    }

    [Fact]
    public void Client_PretendsAnothersAddress_ConnectionStaysWhereItIs()
    {
        // Packets copied by somebody else from another address (RFC 9000 §9.3.3): that address never answers a
        // challenge.
        var (network, client) = Start().WithClient(null, out var link);
        var udp = network.Answered(client.ConnectUdp());
        network.Run(Time.Seconds(2));
        link.Up.Filter = packet =>
        {
            network.Node.Receive(packet with { From = Network.Endpoint(77, 7777) });
            return true;
        };
        udp.SendDatagram([1]);
        network.Run(Time.Milliseconds(5));
        link.Up.Filter = static _ => true;
        network.Run(Time.Seconds(10));
        for (var i = 0; i < 20; i++)
        {
            udp.SendDatagram([2]);
            network.Run(Time.Milliseconds(200));
        }
        Assert.True(udp.Datagrams.Count >= 20);
        // RFC 9000 §8.2: to an address that is not proven go at most three times the bytes that came from it.
        Assert.InRange(network.Stray.Sum(static p => p.Payload.Length), 1, 3 * 1452);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(0x6b3343cfu)]
    public void Keys_AreUpdatedAgainAndAgain_TunnelsGoOn(uint version)
    {
        var network = Start();
        var client =
            network.Establish(new ClientSettings { Version = version, Path = PathConditions.Lossy(0.02, 0.1) });
        var tcp = client.Connect();
        var updates = 0;
        for (var i = 0; i < 20; i++)
        {
            tcp.Send("x"u8);
            Assert.True(network.Run(() => tcp.BodyLength == i + 1));
            network.Run(Time.Seconds(2));
            updates += client.UpdateKeys() ? 1 : 0;
        }
        Assert.InRange(updates, 8, 20);
    }
}
