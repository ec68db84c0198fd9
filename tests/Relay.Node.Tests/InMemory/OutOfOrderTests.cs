using Relay.Native.Quic;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What a client can make the libraries hold by sending out of order; and that nobody who loses packets is taken for such.</summary>
public class OutOfOrderTests : InMemoryTests
{
    private const long OfConnection = 8 * 1024 * 1024;
    private const long OfLoop = 1024 * 1024;
    private const int Greedy = 77;

    /// <summary>A byte, a hole, a byte: ngtcp2 keeps a hundred bytes for each.</summary>
    [Fact]
    public void Holes_InManyStreams_EndTheirConnection_BeforeItHoldsMoreThanItMay()
    {
        var network = Start(new NodeSettings { MaxInput = OfConnection });
        var client = network.Speak();
        var most = 0L;
        network.Simulation.Add(new Watch(() =>
        {
            if (network.Node.Connections.Open.Count > 0)
                most = Math.Max(most, network.Node.Connection.InputBytes);
        }));
        for (var stream = 0ul; stream < 400 && client.Close is null; stream += 4)
            SendHoles(network, client, stream, 4000);
        Assert.True(network.Run(() => client.Close is not null), $"{most}");
        Assert.Equal((0x1dul, Http3ErrorCode.ExcessiveLoad), (client.Close!.Type, client.Close.Numbers[0]));
        Assert.Equal(1, network.Node.Loop.Counters.Http3Memory);
        Assert.InRange(most, OfConnection / 2, OfConnection + (1024 * 1024));
    }

    /// <summary>Each costs as much to read as some requests.</summary>
    [Fact]
    public void Holes_ManyAtOnce_AreReadAFewATurn_AndAllOfThem()
    {
        const int packets = 100;
        var network = Start();
        var client = network.Speak();
        var (before, most) = (network.Node.Connection.InputBytes, 0L);
        var first = before;
        network.Simulation.Add(new Watch(() =>
        {
            var now = network.Node.Connections.Open.Count == 0 ? before : network.Node.Connection.InputBytes;
            (most, before) = (Math.Max(most, now - before), now);
        }));
        for (var i = 0; i < packets; i++)
            client.Send(Holes((ulong)(i / 20) * 4, (ulong)(i % 20) * 800, 200));
        network.Run(Time.Milliseconds(50));
        // Sixteen times 16 KiB, and what the last packet took.
        Assert.InRange(most, 16 * 1024, 320 * 1024);
        Assert.InRange(before - first, packets * 200 * 32, OfConnection);
        Assert.Null(client.Close);
    }

    /// <summary>A connection's whole window may be there but for its first bytes, which were lost: it is kept, and costs as much as any.</summary>
    [Fact]
    public void Window_WithoutItsFirstBytes_IsKept_AndLittleIsHeldOnceTheyHaveCome()
    {
        const int streams = 15;
        const int size = 250_000;
        const int piece = 1000;
        byte[] head = [.. RawClient.ConnectHeaders(), .. QuicFrames.Of(0, 1_000_000)];
        var network = Start();
        network.Node.Connector.SetUpTcp = static _ => { };
        var client = network.Speak();
        for (var i = 0ul; i < streams; i++)
            client.Send(QuicFrames.Stream(4 * i, 0, head));
        network.Run(Time.Milliseconds(50));
        void Send(int from, int to)
        {
            for (var i = 0ul; i < streams; i++)
            {
                for (var offset = from; offset < to; offset += piece)
                    client.Send(QuicFrames.Stream(4 * i, (ulong)(head.Length + offset), new byte[piece]));
            }
            network.Run(Time.Milliseconds(50));
        }
        Send(piece, size);
        Assert.InRange(network.Node.Connection.InputBytes, streams * (size - piece), OfConnection);
        Send(0, piece);
        Assert.All(network.Node.Connector.Tcp, static flow => Assert.Equal(size, flow.Delivered));
        var counters = network.Node.Loop.Counters;
        Assert.Equal((0L, 0L, 0L, null), (counters.Http3Memory, counters.PacketsDiscarded, counters.RequestsDelayed, client.Close));
        // The libraries' pools, as of numbers of packets to acknowledge.
        Assert.InRange(network.Node.Context.Memory.Bytes, 0, size);
    }

    /// <summary>Who has a window's worth on its way, of which the first packet was lost, is no attacker.</summary>
    [Theory]
    [InlineData(0.02)]
    [InlineData(0.2)]
    public void Upload_WithLossesOverALongPath_IsServed_AndNothingIsHeldOfItThen(double loss)
    {
        const long size = 12_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static _ => { };
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { Delay = Time.Milliseconds(150), Loss = loss },
        });
        var stream = network.Answered(client.Connect());
        stream.SendPattern(size);
        Assert.True(network.Simulation.Run(() => network.Node.Connector.Tcp[0].Delivered == size, Time.Seconds(3600)));
        network.Run(Time.Seconds(10));
        Assert.False(stream.IsClosed);
        Assert.Equal(
            (0L, 0L, 0L),
            (network.Node.Loop.Counters.Http3Memory, network.Node.Context.Memory.Bytes, network.Node.Loop.Counters.PacketsDiscarded));
    }

    /// <summary>What is on its way to a client is none of it, however much, nor when the client vanishes.</summary>
    [Fact]
    public void Download_AtFullSpeed_IsNotCounted()
    {
        const long size = 40_000_000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(1) });
        network.Node.Connector.SetUpTcp = static flow => flow.Source = size;
        var client = network.Establish(new ClientSettings
        {
            StreamWindow = size,
            Path = new PathConditions { Delay = Time.Milliseconds(250) },
        });
        var most = network.WatchMemory();
        var streams = Enumerable.Range(0, 3).Select(_ => network.Answered(client.Connect())).ToList();
        streams.ForEach(static stream => stream.KeepsBody = false);
        Assert.True(network.Simulation.Run(() => streams[0].BodyLength >= size / 2, Time.Seconds(120)));
        client.IsAlive = false;
        Assert.True(network.Simulation.Run(() => network.Node.Closed.Count == 1, Time.Seconds(120)));
        Assert.Equal(CloseKind.Idle, network.Node.Closed[0].Kind);
        Assert.Equal((0L, 0L), (most(), network.Node.Loop.Counters.Http3Memory));
    }

    /// <summary>What is out of order cannot be refused: who uses up with it what there is leaves others something, and is ended in the end.</summary>
    [Fact]
    public void Holes_OfManyConnectionsOfOneSource_LeaveOthersSomething_AndAreBoundedInAll()
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var most = network.WatchMemory();
        var neighbour = network.Establish();
        var served = network.Node.Connections.Open[^1];
        var upload = network.Answered(neighbour.Connect());
        List<PacketClient> clients = [.. Enumerable.Range(0, 4).Select(_ => network.Speak(Greedy))];
        void Go(Func<bool> until)
        {
            for (var i = 0; i < 100 && !until(); i++)
                SendHoles(network, clients[i % 4], (ulong)(i / 4) * 4, 2000);
        }
        Go(() => network.Node.Context.Memory.Bytes >= OfLoop * 3 / 2);
        upload.SendPattern(1_000_000);
        network.Run(Time.Seconds(5));
        // Beside its own 64 KiB half of an eighth.
        Assert.InRange(
            served.Carrier.Unconsumed + served.HeldByTunnels,
            ClientMemory.OfConnection + (OfLoop / 24), ClientMemory.OfConnection + (OfLoop / 8));
        Assert.All(clients, static client => Assert.Null(client.Close));

        Go(() => clients.Exists(static client => client.Close is not null));
        // Between turns; a packet of holes takes a tenth of a million bytes.
        Assert.InRange(most(), OfLoop * 5 / 2, OfLoop * 7 / 2);
        Assert.All(
            clients.Where(static client => client.Close is not null),
            static client => Assert.Equal((0x1dul, Http3ErrorCode.ExcessiveLoad), (client.Close!.Type, client.Close.Numbers[0])));
        Assert.InRange(network.Node.Loop.Counters.Http3Memory, 1, 4);
        Assert.False(neighbour.IsOver);
        network.Node.Connector.Tcp[0].BeginReading();
        Assert.True(network.Run(() => network.Node.Connector.Tcp[0].Delivered == 1_000_000));
    }

    /// <summary>RFC 9000 §7.5: what is out of order may have a buffer, and no more.</summary>
    [Theory]
    [InlineData(1, 4, false)]
    [InlineData(1000, 1000, true)]
    public void Handshake_OfHoles_IsGivenUp_AndOneThatComesBackwardsIsNot(int piece, int distance, bool goesOn)
    {
        byte[] id = [1, 2, 3, 4, 5, 6, 7, 8];
        var network = Start();
        var number = 0u;
        void Receive(byte[] frames) => network.Node.Receive(new Packet(
            InitialForge.Write(id, [9], frames, number++), Network.Endpoint(99, 1234), InMemoryNode.Address, 0));

        // The beginning of a ClientHello of 60 KB.
        Receive(InitialForge.Crypto(0, [1, 0, 0xf0, 0, 3, 3, .. new byte[94]]));
        var most = 0L;
        for (var offset = 60_000; offset > 200 && network.Node.Closed.Count == 0;)
        {
            var frames = new List<byte>();
            for (; frames.Count + piece < 1050 && offset > 200; offset -= distance)
                frames.AddRange(InitialForge.Crypto(offset, new byte[piece]));
            Receive([.. frames]);
            network.Run(Time.Milliseconds(1));
            most = network.Node.Connections.Open.Count == 0 ? most : network.Node.Connection.InputBytes;
        }
        Assert.InRange(most, 60_000, 256 * 1024);
        if (goesOn)
            Assert.Empty(network.Node.Closed);
        else
            Assert.Equal(
                (CloseKind.Transport, QuicTransportError.CryptoBufferExceeded),
                (network.Node.Closed[0].Kind, network.Node.Closed[0].Code));
    }

    private static void SendHoles(Network network, PacketClient client, ulong stream, int count)
    {
        const int perPacket = 150;
        for (var sent = 0; sent < count && client.Close is null; sent += perPacket)
            client.Send(Holes(stream, (ulong)sent * 4, perPacket));
        network.Run(Time.Milliseconds(20));
    }

    /// <summary>Every fourth byte from an offset on, but for the first.</summary>
    private static byte[] Holes(ulong stream, ulong offset, int count)
    {
        var frames = new List<byte>();
        for (var i = 0; i < count; i++)
            frames.AddRange(QuicFrames.Stream(stream, offset + 1 + ((ulong)i * 4), [0]));
        return [.. frames];
    }
}
