using Relay.Node.Counters;
using Relay.Node.Http3;
using Relay.Node.Server;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A handshake costs as much as hundreds of packets: they have a share of each turn, and nobody who has a connection waits for the rest.
/// </summary>
public class HandshakeTurnTests : InMemoryTests
{
    private const int Flood = 150;

    private static readonly ulong Long = Time.Microseconds(75);

    /// <summary>So many of them take a turn's share.</summary>
    private const int InATurn = 4;

    [Fact]
    public void Initials_ManyAtOnce_AreReadAFewATurn_AndAllOfThem()
    {
        var network = Start();
        network.Node.Loop.Work = Long;
        var most = Watch(network);
        Receive(network, Flood);
        network.Run(Time.Milliseconds(1));
        Assert.Equal(Flood, network.Node.Loop.Counters.ConnectionsAccepted);
        Assert.InRange(most(), 1, InATurn);
        Assert.Equal(0, network.Node.Loop.Counters.RetriesSent);
    }

    [Fact]
    public void Initials_ThatTakeNoTime_AreReadAtOnce()
    {
        var network = Start();
        var most = Watch(network);
        Receive(network, Flood);
        network.Run(Time.Milliseconds(1));
        Assert.Equal(Flood, most());
    }

    [Fact]
    public void Datagram_BehindManyInitials_IsSentInTheFirstTurn()
    {
        var (network, client) = Start().WithClient();
        network.Node.Loop.Work = Long;
        var tunnel = network.Answered(client.ConnectUdp());
        var flow = Assert.Single(network.Node.Connector.Udp);
        var acceptedBefore = -1L;
        network.Simulation.Add(new Watch(() =>
        {
            if (flow.Sent.Count > 0 && acceptedBefore < 0)
                acceptedBefore = network.Node.Loop.Counters.ConnectionsAccepted - 1;
        }));
        // On the same way, so that they come at the same moment, before it.
        network.Simulation.After(PathConditions.Good.Delay, () => Receive(network, Flood));
        tunnel.SendDatagram("x"u8);
        Assert.True(network.Run(() => flow.Sent.Count == 1));
        Assert.InRange(acceptedBefore, 0, InATurn);
    }

    [Fact]
    public void Initials_MoreThanAreDone_ProveTheirAddress_AndAreServedThen()
    {
        const int many = 1000;
        var network = Start();
        network.Node.Loop.Work = Long;
        Receive(network, many);
        var client = network.AddClient();
        Assert.True(network.Run(() => client.IsEstablished));
        var counters = network.Node.Loop.Counters;
        var crowd = HandshakeQueue.CrowdedBytes / (1200 + HeldPacket.Overhead);
        Assert.InRange(counters.ConnectionsAccepted, crowd, crowd + 8);
        Assert.Equal(many + 1, counters.ConnectionsAccepted + counters.RetriesSent);
        Close(network, client);
    }

    /// <summary>What goes on with a handshake waits as well, in the order in which it came.</summary>
    [Fact]
    public void Handshakes_OfManyClients_AreAllCompleted()
    {
        var network = Start();
        network.Node.Loop.Work = Long;
        var most = Watch(network);
        var clients = Enumerable.Range(0, 60).Select(_ => network.AddClient(new ClientSettings { Host = 7 })).ToList();
        Assert.True(network.Run(() => clients.TrueForAll(static client => client.IsEstablished)));
        Assert.InRange(most(), 1, InATurn);
        Assert.Equal((60, 0), (network.Node.Loop.Counters.ConnectionsAccepted, network.Node.Loop.Counters.HandshakesFailed));
    }

    /// <summary>Handshakes are in their own line, also where that of requests is full.</summary>
    [Fact]
    public void Handshakes_AmongAFloodOfRequests_AreAllCompleted_InTheirOwnLine()
    {
        var network = Start();
        List<RawClient> asking = [.. Enumerable.Range(0, 12).Select(_ => network.EstablishRaw())];
        network.Node.Loop.Work = Long;
        network.Simulation.Add(new Watch(() => Assert.DoesNotContain(
            network.Node.Connections.Open, static one => !one.IsEstablished && InMemoryNode.CarrierOf(one).IsHolding)));
        foreach (var client in asking)
        {
            while (client.TryOpenBidirectional(out var stream))
                client.Send(stream, RawClient.ConnectHeaders());
        }
        // Their second flights come while the requests wait.
        var clients = Enumerable.Range(0, 60).Select(_ => network.AddClient(new ClientSettings { Host = 7 })).ToList();
        Assert.True(network.Run(() => clients.TrueForAll(static client => client.IsEstablished)));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 1200));
    }

    /// <summary>Whoever forges an address harms nobody who has it: its owner is served as soon as anyone.</summary>
    [Fact]
    public void Initials_FromAForgedAddress_AreNotHeldAgainstItsOwner()
    {
        const int victim = 7;
        var network = Start();
        network.Node.Loop.Work = Long;
        // The client knows the node, and so has a token.
        var first = network.AddClient(new ClientSettings { Host = victim });
        Assert.True(network.Run(() => first.IsEstablished && first.Token.Length > 0));
        network.Simulation.After(PathConditions.Good.Delay, () => Receive(network, 1000, victim));
        var client = network.AddClient(new ClientSettings { Host = victim, Token = first.Token });
        Assert.True(network.Run(() => client.IsEstablished));
        Assert.Equal(0, network.Node.Loop.Counters.PacketsDiscarded);
        Close(network, first, client);
    }

    [Fact]
    public void Packets_OfOneHandshake_BeyondWhatMayWait_AreLost_AndCountedAsSuch()
    {
        const int many = 100;
        var network = Start();
        network.Node.Loop.Work = Long;
        byte[] hello = InitialForge.Crypto(0, [1, 0, 2, 0, 3, 3, .. new byte[100]]);
        for (var i = 0; i < many; i++)
        {
            network.Node.Receive(new Packet(
                InitialForge.Write([1, 2, 3, 4, 5, 6, 7, 8], [9], hello), Network.Endpoint(1, 1234), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(1));
        var waited = HandshakeQueue.MaxOfConnection / (1200 + HeldPacket.Overhead);
        Assert.InRange(
            network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Handshakes], many - waited - InATurn, many - waited);
        Close(network);
    }

    [Fact]
    public void Queue_OfOneSource_LeavesRoomForOthers()
    {
        var queue = new HandshakeQueue(new FakeLoop(new Simulation()));
        for (var source = 1ul; source <= 4; source++)
            Assert.Equal(HandshakeQueue.MaxOfSource / 1024, Fill(queue, source));
        Assert.Equal(0, Fill(queue, 5));
        Assert.False(queue.IsCrowded);
        // Half is for those whose address is not proven.
        Assert.Equal(HandshakeQueue.MaxUnproven / 1024, Fill(queue, null));
        Assert.True(queue.IsCrowded);
    }

    private static int Fill(HandshakeQueue queue, ulong? source)
    {
        var packet = new HeldPacket(default, default, 0, new byte[1024 - HeldPacket.Overhead]);
        var count = 0;
        while (queue.TryAdd(new WaitingHandshake(null!, null, source, packet)))
            count++;
        return count;
    }

    private static void Close(Network network, params TestClient[] clients)
    {
        foreach (var client in clients)
            client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(20));
        network.Node.AssertClean();
    }

    /// <summary>Initial packets with the beginning of a ClientHello, each of another address or all of one.</summary>
    private static void Receive(Network network, int count, int? host = null)
    {
        byte[] hello = InitialForge.Crypto(0, [1, 0, 2, 0, 3, 3, .. new byte[100]]);
        for (var i = 0; i < count; i++)
        {
            byte[] id = [1, 2, 3, 4, 5, 6, (byte)(i >> 8), (byte)i];
            network.Node.Receive(new Packet(
                InitialForge.Write(id, [9], hello), Network.Endpoint(host ?? (i % 250), 1234), InMemoryNode.Address, 0));
        }
    }

    /// <summary>The most connections that a turn accepted.</summary>
    private static Func<long> Watch(Network network)
    {
        var (seen, most) = (0L, 0L);
        network.Simulation.Add(new Watch(() =>
        {
            var accepted = network.Node.Loop.Counters.ConnectionsAccepted;
            (most, seen) = (Math.Max(most, accepted - seen), accepted);
        }));
        return () => most;
    }
}
