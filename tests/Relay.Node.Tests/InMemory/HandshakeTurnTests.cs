using Relay.Node.Server;

namespace Relay.Node.Tests.InMemory;

/// <summary>A handshake costs as much as hundreds of packets: a few go on in a turn, and nobody who has a connection waits for the rest.</summary>
public class HandshakeTurnTests : InMemoryTests
{
    private const int Flood = 150;

    [Fact]
    public void Initials_ManyAtOnce_AreReadAFewATurn_AndAllOfThem()
    {
        var network = Start();
        var most = Watch(network);
        Receive(network, Flood);
        network.Run(Time.Milliseconds(1));
        Assert.Equal(Flood, network.Node.Loop.Counters.ConnectionsAccepted);
        Assert.InRange(most(), 1, HandshakeQueue.PerTurn);
        Assert.Equal(0, network.Node.Loop.Counters.RetriesSent);
    }

    [Fact]
    public void Datagram_BehindManyInitials_IsSentInTheFirstTurn()
    {
        var (network, client) = Start().WithClient();
        var tunnel = network.Answered(client.ConnectUdp());
        var flow = Assert.Single(network.Node.Connector.Udp);
        var acceptedBefore = -1L;
        network.Simulation.Add(new Look(() =>
        {
            if (flow.Sent.Count > 0 && acceptedBefore < 0)
                acceptedBefore = network.Node.Loop.Counters.ConnectionsAccepted - 1;
        }));
        // On the same way, so that they come at the same moment, before it.
        network.Simulation.After(PathConditions.Good.Delay, () => Receive(network, Flood));
        tunnel.SendDatagram("x"u8);
        Assert.True(network.Run(() => flow.Sent.Count == 1));
        Assert.InRange(acceptedBefore, 0, HandshakeQueue.PerTurn);
    }

    [Fact]
    public void Initials_MoreThanAreDone_ProveTheirAddress_AndAreServedThen()
    {
        const int many = 1000;
        var network = Start();
        Receive(network, many);
        var client = network.AddClient();
        Assert.True(network.Run(() => client.IsEstablished));
        var counters = network.Node.Loop.Counters;
        Assert.InRange(counters.ConnectionsAccepted, HandshakeQueue.CrowdedBytes / 1200, (HandshakeQueue.CrowdedBytes / 1200) + 8);
        Assert.Equal(many + 1, counters.ConnectionsAccepted + counters.RetriesSent);
        network.Run(Time.Seconds(20));
        client.CloseWith(Protocol.Http3ErrorCode.NoError);
        network.Run(Time.Seconds(20));
        network.Node.AssertClean();
    }

    /// <summary>What goes on with a handshake waits as well, in the order in which it came.</summary>
    [Fact]
    public void Handshakes_OfManyClients_AreAllCompleted()
    {
        var network = Start();
        var most = Watch(network);
        var clients = Enumerable.Range(0, 40).Select(_ => network.AddClient(new ClientSettings { Host = 7 })).ToList();
        Assert.True(network.Run(() => clients.TrueForAll(static client => client.IsEstablished)));
        Assert.InRange(most(), 1, HandshakeQueue.PerTurn);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Queue_OfOneSource_LeavesRoomForOthers()
    {
        var queue = new HandshakeQueue();
        var packet = new Node.Http3.HeldPacket(default, default, 0, new byte[1024]);
        var own = 0;
        while (queue.TryAdd(1, packet))
            own++;
        Assert.Equal(HandshakeQueue.MaxBytesOfSource / 1024, own);
        for (var source = 2ul; source <= 8; source++)
        {
            for (var i = 0; i < own; i++)
                Assert.True(queue.TryAdd(source, packet));
        }
        Assert.False(queue.TryAdd(9, packet));
        Assert.True(queue.TryTake(out _));
        Assert.True(queue.TryAdd(1, packet));
        for (var left = 8 * own; left > 0;)
        {
            queue.BeginTurn();
            while (queue.TryTake(out _))
                left--;
        }
        Assert.True(queue.IsEmpty);
    }

    /// <summary>Initial packets with the beginning of a ClientHello, each of another address.</summary>
    private static void Receive(Network network, int count)
    {
        byte[] hello = InitialForge.Crypto(0, [1, 0, 2, 0, 3, 3, .. new byte[100]]);
        for (var i = 0; i < count; i++)
        {
            byte[] id = [1, 2, 3, 4, 5, 6, (byte)(i >> 8), (byte)i];
            network.Node.Receive(new Packet(
                InitialForge.Write(id, [9], hello), Network.Endpoint(i % 250, 1234), InMemoryNode.Address, 0));
        }
    }

    /// <summary>The most connections that a turn accepted.</summary>
    private static Func<long> Watch(Network network)
    {
        var (seen, most) = (0L, 0L);
        network.Simulation.Add(new Look(() =>
        {
            var accepted = network.Node.Loop.Counters.ConnectionsAccepted;
            (most, seen) = (Math.Max(most, accepted - seen), accepted);
        }));
        return () => most;
    }

    private sealed class Look(Action look) : IActor
    {
        public ulong Next => ulong.MaxValue;

        public bool Turn()
        {
            look();
            return false;
        }
    }
}
