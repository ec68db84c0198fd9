using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What a client can make the relay hold of what it has sent, in all and by source; and that nobody else is the worse for it.</summary>
public class ClientMemoryTests : InMemoryTests
{
    private const long OfConnection = 8 * 1024 * 1024;
    private const long OfLoop = 1024 * 1024;
    private const int Greedy = 77;

    /// <summary>A byte, a hole, a byte: ngtcp2 keeps a hundred bytes for each.</summary>
    [Fact]
    public void Holes_InManyStreams_EndTheirConnection_BeforeItHoldsMoreThanItMay()
    {
        var network = Start(new NodeSettings { MaxInput = OfConnection });
        var client = Speak(network);
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
        var client = Speak(network);
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
        var most = WatchMost(network);
        var streams = Enumerable.Range(0, 3).Select(_ => network.Answered(client.Connect())).ToList();
        streams.ForEach(static stream => stream.KeepsBody = false);
        Assert.True(network.Simulation.Run(() => streams[0].BodyLength >= size / 2, Time.Seconds(120)));
        client.IsAlive = false;
        Assert.True(network.Simulation.Run(() => network.Node.Closed.Count == 1, Time.Seconds(120)));
        Assert.Equal(CloseKind.Idle, network.Node.Closed[0].Kind);
        Assert.Equal((0L, 0L), (most(), network.Node.Loop.Counters.Http3Memory));
    }

    [Fact]
    public void Clients_ManyWithTunnelsThatAreIdle_HaveNothingOfIt()
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(1) });
        var most = WatchMost(network);
        for (var i = 0; i < 300; i++)
            Assert.Equal(200, Ask(network, network.EstablishRaw()));
        Assert.Equal(0, most());
    }

    [Fact]
    public void Tunnels_ThousandsOfOneConnection_AreNotTakenForWhatIsHeld()
    {
        const int many = 2000;
        var network = Start(new NodeSettings
        {
            Memory = new ClientMemory(1),
            MaxTunnelsPerConnection = many,
            MaxBidirectionalStreams = many + 16,
        });
        var most = WatchMost(network);
        var client = network.Establish();
        var streams = network.AskAll(client, many, _ => client.Connect());
        Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.Status == 200)));
        streams.ForEach(static stream => stream.Finish());
        network.Run(Time.Seconds(30));
        Assert.Equal(0, most());
    }

    /// <summary>Beyond the loop's share the source that has most gets nothing new; it keeps what it has, and so do others behind it.</summary>
    [Fact]
    public void Connection_OfASourceWithMoreThanItsShare_IsRefusedMore_OthersAreNot()
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var neighbour = network.EstablishRaw();
        var behindIt = network.Establish(new ClientSettings { Host = Greedy });
        var open = network.Answered(behindIt.ConnectUdp());
        var greedy = network.Establish(new ClientSettings { Host = Greedy });
        // A window each, but for the last.
        List<TestStream> uploads = [.. Enumerable.Range(0, 5).Select(_ => network.Answered(greedy.Connect()))];
        foreach (var (i, upload) in uploads.Index())
            upload.SendPattern(i < 4 ? 1_000_000 : 100_000);
        network.Run(Time.Seconds(1));
        Assert.InRange(network.Node.Context.Memory.Bytes, OfLoop, 2 * OfLoop);

        Assert.Equal(
            "relay-node; error=connection_limit_reached; details=\"unread bytes of the client\"",
            network.Answered(greedy.Connect(), 503).Headers["proxy-status"]);
        Assert.Equal(1, network.Node.Loop.Counters.RefusedMemory);

        // Behind the same address, but holding nothing: as if nothing were.
        network.Answered(behindIt.ConnectUdp());
        Assert.Equal(200, Ask(network, network.EstablishRaw(Greedy)));
        Assert.Equal(1, network.Node.Loop.Counters.RefusedMemory);

        Assert.Equal(200, Ask(network, neighbour));
        Assert.Equal(200, Ask(network, network.EstablishRaw()));
        open.SendDatagram("x"u8);
        Assert.True(network.Run(() => open.Datagrams.Count == 1));
        Assert.Equal((false, false, 0L), (greedy.IsOver, behindIt.IsOver, network.Node.Loop.Counters.Http3Memory));

        // As soon as targets take it.
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        network.Run(Time.Seconds(5));
        Assert.Equal(0, network.Node.Context.Memory.Bytes);
        network.Answered(greedy.Connect());
        Assert.Equal(200, Ask(network, network.EstablishRaw(Greedy)));
    }

    /// <summary>What is behind the same address as who has most goes on, however much that is, and whatever itself has out of order.</summary>
    [Fact]
    public void Neighbour_BehindTheAddressOfWhoHasMost_IsNotEnded_NorMuchSlower()
    {
        var (alone, behind) = (TimeOfUpload(besideGreedy: false), TimeOfUpload(besideGreedy: true));
        // A path that loses packets has its luck.
        Assert.True(behind <= 4 * alone, $"{behind} and {alone} ns");
    }

    private ulong TimeOfUpload(bool besideGreedy)
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var greedy = network.Establish(new ClientSettings { Host = Greedy });
        for (var i = 0; i < 4; i++)
            network.Answered(greedy.Connect()).SendPattern(!besideGreedy ? 1 : i < 3 ? 1_000_000 : 100_000);
        const long size = 12_000_000;
        var neighbour = network.Establish(new ClientSettings
        {
            Host = Greedy,
            Path = new PathConditions { Delay = Time.Milliseconds(150), Loss = 0.02 },
        });
        network.Node.Connector.SetUpTcp = static _ => { };
        network.Answered(neighbour.Connect()).SendPattern(size);
        var began = network.Simulation.Now;
        network.Answered(greedy.Connect()).SendPattern(besideGreedy ? 1_000_000 : 1);
        network.Node.Connector.Tcp[^1].Reads = false;
        Assert.True(network.Simulation.Run(() => network.Node.Connector.Tcp[4].Delivered == size, Time.Seconds(3600)));
        Assert.Equal((0L, 0), (network.Node.Loop.Counters.Http3Memory, network.Node.Closed.Count));
        return network.Simulation.Now - began;
    }

    /// <summary>
    /// However many connections upload to targets that take nothing, what is held of it is bounded; others are served meanwhile, whether
    /// their targets are fast or slow, and as soon as something is taken all of it arrives.
    /// </summary>
    [Fact]
    public void Uploads_ThatNobodyTakes_AreBoundedInAll_CostNobodyElse_AndAreCompletedOnceTheyAreTaken()
    {
        const int many = 20;
        const long size = 1_000_000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var most = WatchMost(network);
        var held = 0L;
        network.Simulation.Add(new Watch(() => held = Math.Max(
            held, network.Node.Connections.Open.Sum(static client => client.Carrier.Unconsumed))));
        List<TestClient> clients = [.. Enumerable.Range(0, many).Select(_ => network.Establish(new ClientSettings { Host = Greedy }))];
        List<TestStream> uploads = [.. clients.SelectMany(client => Enumerable.Range(0, 4).Select(_ => network.Answered(client.Connect())))];
        uploads.ForEach(static upload => upload.SendPattern(size / 4));
        network.Run(Time.Seconds(5));
        // Twenty times a million bytes would be. What each may have in any case is beside it, and what came in one turn.
        Assert.InRange(most(), OfLoop * 5 / 4, (OfLoop * 3 / 2) + (512 * 1024));
        Assert.InRange(held, OfLoop, most() + (many * ClientMemory.OfConnection) + (512 * 1024));
        Assert.InRange(network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Memory], 1, long.MaxValue);

        network.Node.Connector.SetUpTcp = static _ => { };
        var (fast, slow) = (network.Establish(), network.Establish());
        var behindIt = network.Establish(new ClientSettings { Host = Greedy });
        List<TestStream> streams = [.. ((TestClient[])[fast, behindIt]).Select(client => network.Answered(client.Connect()))];
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 20_000);
        streams.Add(network.Answered(slow.Connect()));
        streams.ForEach(static stream => stream.SendPattern(size));
        var flows = network.Node.Connector.Tcp[^3..];
        Assert.True(network.Simulation.Run(() => flows[..2].TrueForAll(static flow => flow.Delivered == size), Time.Seconds(60)));
        for (var i = 0; i < 100 && flows[2].Delivered < size; i++)
        {
            // Its application takes a little, now and then.
            flows[2].BeginReading();
            network.Run(Time.Milliseconds(1));
            flows[2].Reads = false;
            network.Run(Time.Milliseconds(500));
        }
        Assert.Equal(size, flows[2].Delivered);

        Assert.All(clients, static client => Assert.False(client.IsOver));
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        Assert.True(network.Simulation.Run(
            () => network.Node.Connector.Tcp.Sum(static flow => flow.Delivered) == (many + 3) * size, Time.Seconds(600)));
        Assert.All(network.Node.Connector.Tcp, static flow => Assert.True(flow.DeliveredPattern));
        Assert.All(clients, static client => Assert.False(client.IsOver));
        Assert.Equal(0, network.Node.Context.Memory.Bytes);
    }

    /// <summary>What is out of order cannot be refused: who uses up with it what there is leaves others something, and is ended in the end.</summary>
    [Fact]
    public void Holes_OfManyConnectionsOfOneSource_LeaveOthersSomething_AndAreBoundedInAll()
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var most = WatchMost(network);
        var neighbour = network.Establish();
        var served = network.Node.Connections.Open[^1];
        var upload = network.Answered(neighbour.Connect());
        List<PacketClient> clients = [.. Enumerable.Range(0, 4).Select(_ => Speak(network, Greedy))];
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

    /// <summary>Packets that waited behind requests are no way around the bound.</summary>
    [Fact]
    public void Uploads_BehindRequestsThatFillATurn_AreBoundedAllTheSame()
    {
        const int uploads = 12;
        const int piece = 1000;
        // GET https://a.test/, which is answered with 404.
        byte[] get = [1, 13, 0, 0, 0xc0 | 17, 0xc0 | 23, 0xc0 | 1, 0x50, 6, .. "a.test"u8];
        // And a DATA frame of a million bytes.
        byte[] head = [.. RawClient.ConnectHeaders(), 0, 0x80, 0x0f, 0x42, 0x40];
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var most = WatchMost(network);
        var client = Speak(network);
        for (var i = 0ul; i < uploads; i++)
            client.Send(QuicFrames.Stream(4 * i, 0, head));
        network.Run(Time.Milliseconds(50));
        var next = 4ul * uploads;
        for (var i = 0ul; i < uploads; i++)
        {
            var requests = new List<byte>();
            for (var request = 0; request < 17; request++, next += 4)
                requests.AddRange(QuicFrames.Stream(next, 0, get, fin: true));
            client.Send([.. requests]);
            for (var offset = 0; offset < 200 * piece; offset += piece)
                client.Send(QuicFrames.Stream(4 * i, (ulong)(head.Length + offset), new byte[piece]));
            network.Run(Time.Milliseconds(50));
        }
        Assert.Null(client.Close);
        Assert.InRange(most(), OfLoop * 5 / 4, OfLoop * 3 / 2);
        Assert.InRange(network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Memory], 1, long.MaxValue);
    }

    /// <summary>RFC 9000 §8.2.1: what finds out whether a client is at its new address is in packets of 1200 bytes.</summary>
    [Fact]
    public void Client_WhoseAddressChangesWhileItIsFull_GoesOnFromThere()
    {
        const int size = 500_000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish(new ClientSettings { Host = Greedy }, out var link);
        List<TestStream> uploads = [.. Enumerable.Range(0, 8).Select(_ => network.Answered(client.Connect()))];
        uploads.ForEach(static upload => upload.SendPattern(size));
        network.Run(Time.Seconds(2));
        Assert.True(network.Node.Client.IsFull);
        network.Rebind(link, 40_000);
        // Nobody is where it was.
        link.Down.Filter = packet => packet.To != client.Local;
        network.Run(Time.Seconds(60));
        Assert.Equal((false, 1), (client.IsOver, network.Node.Connections.Open.Count));
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        Assert.True(network.Simulation.Run(
            () => network.Node.Connector.Tcp.TrueForAll(static flow => flow.Delivered == size), Time.Seconds(600)));
    }

    /// <summary>Who has sent a thousand bytes and their end, and closes, has not used up what there is.</summary>
    [Fact]
    public void Tunnel_OfWhoHoldsLittle_OutlivesItsConnection_ThoughItsNeighbourHasUsedUpWhatThereIs()
    {
        const int size = 1000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 100);
        var (memory, source) = (network.Node.Context.Memory, SourceKey.Of(Network.Endpoint(Greedy, 1)));
        memory.Change(source, 2 * OfLoop);
        var client = network.Establish(new ClientSettings { Host = Greedy });
        var stream = network.Answered(client.Connect());
        stream.SendPattern(size);
        stream.Finish();
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(1));
        Assert.Equal((1, 0), (network.Node.Context.Tunnels.Detached.Count, network.Node.Connector.Tcp[0].Aborts));
        network.Node.Connector.Tcp[0].BeginReading();
        network.Run(Time.Seconds(1));
        Assert.Equal(size, network.Node.Connector.Tcp[0].Delivered);
        memory.Change(source, -2 * OfLoop);
    }

    /// <summary>What goes on when its connection has ended is held as well, and is its source's.</summary>
    [Theory]
    [InlineData(long.MaxValue, 4)]
    [InlineData(700_000, 3)]
    [InlineData(100_000, 0)]
    public void Tunnels_ThatOutliveTheirConnection_AreCountedUntilTheyEnd_AndWhatIsTooMuchEndsAtOnce(long limit, int detached)
    {
        const int size = 200_000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(limit) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var memory = network.Node.Context.Memory;
        var client = network.Establish();
        List<TestStream> streams = [.. Enumerable.Range(0, 4).Select(_ => network.Answered(client.Connect()))];
        foreach (var stream in streams)
        {
            stream.SendPattern(size);
            stream.Finish();
        }
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(1));
        Assert.Empty(network.Node.Connections.Open);
        Assert.Equal(detached, network.Node.Context.Tunnels.Detached.Count);
        Assert.Equal(4 - detached, network.Node.Connector.Tcp.Count(static flow => flow.Aborts == 1));
        Assert.InRange(memory.Bytes, detached * (size - 1000), Math.Min(detached * (size + (64 * 1024)), limit));
        if (network.Node.Connector.Tcp.Find(static flow => !flow.IsClosed) is { } left)
        {
            left.BeginReading();
            network.Run(Time.Seconds(1));
            Assert.InRange(memory.Bytes, (detached - 1) * (size - 1000), (detached - 1) * (size + (64 * 1024)));
        }
        network.Run(Time.Seconds(10));
        Assert.Equal((0L, 0), (memory.Bytes, memory.Sources));
    }

    /// <summary>A byte in each of many tunnels costs a block each.</summary>
    [Fact]
    public void Bytes_OneInEachOfManyTunnels_AreCountedAsWhatTheyHold()
    {
        const int many = 100;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 0);
        var client = network.Establish();
        var streams = network.AskAll(client, many, _ => client.Connect());
        Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.Status == 200)));
        streams.ForEach(static stream => stream.Send("x"u8));
        network.Run(Time.Seconds(1));
        Assert.InRange(
            network.Node.Context.Memory.Bytes,
            (many * UpstreamBlocks.Smallest) - ClientMemory.OfConnection - (16 * 1024), many * UpstreamBlocks.Smallest);
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        network.Run(Time.Seconds(1));
        Assert.Equal(0, network.Node.Context.Memory.Bytes);
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

    [Fact]
    public void Memory_IsCountedBySource_AndForgottenWithItsLastByte()
    {
        var memory = new ClientMemory(1000);
        memory.Change(1, 600);
        memory.Change(2, 300);
        Assert.False(memory.IsTooMuch(1));
        memory.Change(2, 150);
        Assert.Equal((true, false, false), (memory.IsTooMuch(1), memory.IsTooMuch(2), memory.IsTooMuch(3)));
        memory.Change(1, -600);
        Assert.Equal((450L, 1), (memory.Bytes, memory.Sources));
    }

    [Fact]
    public void Memory_ThatIsLeft_IsSharedBySource_AndByConnectionOfIt()
    {
        var memory = new ClientMemory(1000);
        memory.Change(1, 900);
        memory.Change(1, 150);
        Assert.Equal((false, true, false), (memory.IsFullFor(1, 900), memory.IsGreedy(1, 900), memory.IsGreedy(1, 150)));
        memory.Change(2, 100);
        memory.Change(3, 110);
        // 240 are left of 1500: for each connection of the first half of it.
        Assert.Equal((true, false, false, false), (
            memory.IsFullFor(1, 900), memory.IsFullFor(1, 100), memory.IsFullFor(2, 100), memory.IsFullFor(3, 110)));
        // Who has nothing beyond its own always goes on.
        Assert.False(memory.IsFullFor(1, 0));
        Assert.False(memory.IsUsedUpBy(1));
        memory.Change(4, 240);
        Assert.Equal((true, false, false), (memory.IsUsedUpBy(1), memory.IsUsedUpBy(2), memory.IsUsedUpBy(4)));
        Assert.Equal((true, true, false), (memory.IsFullFor(2, 100), memory.IsFullFor(4, 240), memory.IsFullFor(5, 0)));
        // Nor is who comes then left without: an eighth of the first half is for whoever has no more than its part of that.
        memory.Change(5, 25);
        Assert.Equal((false, true), (memory.IsFullFor(5, 25), memory.IsFullFor(1, 900)));
        memory.Change(5, 1);
        Assert.True(memory.IsFullFor(5, 26));
        // Only where there is twice as much as there may be, is anybody ended for what cannot be refused.
        memory.Change(6, 1000);
        Assert.Equal((2526L, false), (memory.Bytes, memory.MustEnd(6, 1000)));
        memory.Change(6, 600);
        Assert.Equal((true, true, false, false), (
            memory.MustEnd(6, 1600), memory.MustEnd(1, 900), memory.MustEnd(1, 80), memory.MustEnd(2, 100)));
    }

    [Fact]
    public void Memory_OfWhoMayBeAnybody_IsHeldAgainstNobody()
    {
        var memory = new ClientMemory(1000);
        memory.Change(null, 374);
        Assert.False(memory.IsCrowded);
        memory.Change(null, 10_000);
        Assert.True(memory.IsCrowded);
        Assert.Equal((0L, 0, false), (memory.Bytes, memory.Sources, memory.IsTooMuch(1)));
    }

    private static PacketClient Speak(Network network, int? host = null)
    {
        var client = network.EstablishPacketClient(host).Client;
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        network.Run(Time.Milliseconds(50));
        return client;
    }

    private static int Ask(Network network, RawClient client)
    {
        var stream = client.OpenBidirectional();
        client.Send(stream, RawClient.ConnectHeaders());
        Assert.True(network.Run(() => client.Received.ContainsKey(stream)));
        return ConformanceTests.StatusOf(client.Received[stream]);
    }

    /// <summary>The most that was counted between turns.</summary>
    private static Func<long> WatchMost(Network network)
    {
        var most = 0L;
        network.Simulation.Add(new Watch(() => most = Math.Max(
            most, network.Node.Context.Memory.Bytes + network.Node.Context.Memory.Unproven)));
        return () => most;
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
