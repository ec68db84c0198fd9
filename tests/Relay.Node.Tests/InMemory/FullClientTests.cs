using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What becomes of clients that have sent more than others, where little is left; and that nobody else is the worse for it.</summary>
public class FullClientTests : InMemoryTests
{
    private const long OfLoop = 1024 * 1024;
    private const int Greedy = 77;
    private const int Piece = 1000;

    /// <summary>A request for a TCP tunnel, and the beginning of a DATA frame of a million bytes.</summary>
    private static readonly byte[] UploadHead = [.. RawClient.ConnectHeaders(), 0, 0x80, 0x0f, 0x42, 0x40];

    /// <summary>Bytes of a stream that uploads: of its window of 256 KiB.</summary>
    private static readonly ulong OfUpload = (ulong)UploadHead.Length + (200 * Piece);

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
        Assert.Equal(200, network.Ask(network.EstablishRaw(Greedy)));
        Assert.Equal(1, network.Node.Loop.Counters.RefusedMemory);

        Assert.Equal(200, network.Ask(neighbour));
        Assert.Equal(200, network.Ask(network.EstablishRaw()));
        open.SendDatagram("x"u8);
        Assert.True(network.Run(() => open.Datagrams.Count == 1));
        Assert.Equal((false, false, 0L), (greedy.IsOver, behindIt.IsOver, network.Node.Loop.Counters.Http3Memory));

        // As soon as targets take it.
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        network.Run(Time.Seconds(5));
        Assert.Equal(0, network.Node.Context.Memory.Bytes);
        network.Answered(greedy.Connect());
        Assert.Equal(200, network.Ask(network.EstablishRaw(Greedy)));
    }

    /// <summary>What is behind the same address as who has most goes on, however much of what it sends is out of order.</summary>
    [Fact]
    public void Neighbour_BehindTheAddressOfWhoHasMost_LosesNothing_HoweverMuchIsOutOfOrder()
    {
        var (network, _) = Full(Greedy);
        network.Node.Connector.SetUpTcp = static _ => { };
        var (discarded, lost) = (network.Node.Loop.Counters.Discarded, network.Node.Loop.Counters.PacketsDiscarded);
        var neighbour = network.Speak(Greedy);
        neighbour.Send(QuicFrames.Stream(0, 0, UploadHead));
        network.Run(Time.Milliseconds(50));
        // All but the first, as behind a packet that was lost.
        for (var offset = (ulong)UploadHead.Length + Piece; offset < OfUpload; offset += Piece)
            neighbour.Send(QuicFrames.Stream(0, offset, new byte[Piece]));
        network.Run(Time.Milliseconds(50));
        Assert.InRange(InMemoryNode.CarrierOf(network.Node.Connections.Open[^1]).InputBytes, 190 * Piece, 300 * Piece);
        neighbour.Send(QuicFrames.Stream(0, (ulong)UploadHead.Length, new byte[Piece]));
        network.Run(Time.Milliseconds(50));
        Assert.Equal((200 * Piece, lost, null), (network.Node.Connector.Tcp[^1].Delivered, discarded.Sum(), neighbour.Close));
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
        var most = network.WatchMemory();
        var held = 0L;
        network.Simulation.Add(new Watch(() => held = Math.Max(
            held, network.Node.Connections.Open.Sum(static client => client.Carrier.Unconsumed))));
        List<TestClient> clients = [.. Enumerable.Range(0, many).Select(_ => network.Establish(new ClientSettings { Host = Greedy }))];
        List<TestStream> uploads = [.. clients.SelectMany(client => Enumerable.Range(0, 4).Select(_ => network.Answered(client.Connect())))];
        uploads.ForEach(static upload => upload.SendPattern(size / 4));
        network.Run(Time.Seconds(5));
        // Twenty times a million bytes would be. What each may have in any case is beside it, and what came in one turn.
        Assert.InRange(most(), OfLoop * 5 / 4, (OfLoop * 3 / 2) + (512 * 1024));
        Assert.InRange(held, OfLoop * 3 / 4, most() + (many * ClientMemory.OfConnection) + (512 * 1024));
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

    /// <summary>Packets that waited behind requests are no way around the bound.</summary>
    [Fact]
    public void Uploads_BehindRequestsThatFillATurn_AreBoundedAllTheSame()
    {
        const int uploads = 12;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var most = network.WatchMemory();
        var client = network.Speak();
        for (var i = 0ul; i < uploads; i++)
            client.Send(QuicFrames.Stream(4 * i, 0, UploadHead));
        network.Run(Time.Milliseconds(50));
        var next = 4ul * uploads;
        for (var i = 0ul; i < uploads; i++)
        {
            var requests = new List<byte>();
            for (var request = 0; request < 17; request++, next += 4)
                requests.AddRange(QuicFrames.Stream(next, 0, RawClient.GetHeaders, fin: true));
            client.Send([.. requests]);
            for (var offset = (ulong)UploadHead.Length; offset < OfUpload; offset += Piece)
                client.Send(QuicFrames.Stream(4 * i, offset, new byte[Piece]));
            network.Run(Time.Milliseconds(50));
        }
        Assert.Null(client.Close);
        Assert.InRange(most(), OfLoop * 5 / 4, OfLoop * 3 / 2);
        Assert.InRange(network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Memory], 1, long.MaxValue);
    }

    /// <summary>RFC 9000 §8.2.1: what finds out whether a client is at its new address is in packets of 1200 bytes.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(OfLoop)]
    public void Client_WhoseAddressChangesWhileItIsFull_GoesOnFromThere(long others)
    {
        const int size = 500_000;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish(new ClientSettings { Host = Greedy }, out var link);
        List<TestStream> uploads = [.. Enumerable.Range(0, 8).Select(_ => network.Answered(client.Connect()))];
        uploads.ForEach(static upload => upload.SendPattern(size));
        network.Run(Time.Seconds(2));
        Assert.True(network.Node.Client.IsFull);
        // Where nothing is left not even a packet a second passes.
        network.Node.Context.Memory.Change(1, others);
        network.Rebind(link, 40_000);
        // Nobody is where it was.
        link.Down.Filter = packet => packet.To != client.Local;
        network.Run(Time.Seconds(60));
        Assert.Equal((false, 1), (client.IsOver, network.Node.Connections.Open.Count));
        network.Node.Context.Memory.Change(1, -others);
        network.Node.Connector.Tcp.ForEach(static flow => flow.BeginReading());
        Assert.True(network.Simulation.Run(
            () => network.Node.Connector.Tcp.TrueForAll(static flow => flow.Delivered == size), Time.Seconds(600)));
    }

    /// <summary>What a client says may be in large packets, such as that one of its uploads is over: now and then one is read.</summary>
    [Fact]
    public void Client_ThatIsFull_IsHeardOnceASecond()
    {
        const int packets = 10;
        var (network, client) = Full();
        var discarded = network.Node.Loop.Counters.Discarded;
        for (var second = 0; second < 3; second++)
        {
            network.Run(Time.Seconds(1));
            var before = discarded[(int)PacketDiscard.Memory];
            for (var i = 0; i < packets; i++)
                client.Send([.. QuicFrames.Of(QuicFrames.Ping), .. new byte[1000]]);
            network.Run(Time.Milliseconds(50));
            Assert.Equal(packets - 1, discarded[(int)PacketDiscard.Memory] - before);
        }
        network.Run(Time.Seconds(1));
        client.Send([.. QuicFrames.Reset(4, Http3ErrorCode.RequestCancelled, OfUpload), .. new byte[1000]]);
        network.Run(Time.Milliseconds(50));
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    /// <summary>Beside uploads that nobody takes small datagrams go on, and of large ones each that is lost is counted.</summary>
    [Theory]
    [InlineData(100, 20)]
    [InlineData(1000, 1)]
    public void Datagrams_OfWhoIsFull_GoOn_OrAreCountedAsLost(int size, int sent)
    {
        const int many = 20;
        var (network, client) = Full();
        var discarded = network.Node.Loop.Counters.Discarded;
        network.Run(Time.Seconds(1));
        var before = discarded[(int)PacketDiscard.Memory];
        for (var i = 0; i < many; i++)
            client.Send(QuicFrames.DatagramOf([0, 0, .. new byte[size]]));
        network.Run(Time.Milliseconds(50));
        Assert.Equal((sent, many - sent), (
            Assert.Single(network.Node.Connector.Udp).Sent.Count, discarded[(int)PacketDiscard.Memory] - before));
    }

    /// <summary>Large datagrams would be lost for as long as a target takes nothing: then its upload is ended, and no other.</summary>
    [Fact]
    public void Upload_ThatCostsItsClientsDatagrams_IsEndedOnceItsTargetHasTakenNothingForHalfAMinute()
    {
        const int many = 20;
        var (network, client) = Full();
        var (udp, tcp) = (Assert.Single(network.Node.Connector.Udp), network.Node.Connector.Tcp);
        byte[] datagram = QuicFrames.DatagramOf([0, 0, .. new byte[1000]]);
        void Go(int seconds)
        {
            for (; seconds > 0; seconds--)
            {
                client.Send(datagram);
                network.Run(Time.Seconds(1));
            }
        }
        Go(20);
        // This one takes a little.
        tcp[0].BeginReading();
        tcp[0].Reads = false;
        Go(8);
        Assert.Equal((2 * Piece, 0), (tcp[0].Delivered, tcp.Sum(static flow => flow.Aborts)));
        Go(7);
        Assert.Equal(0, tcp[0].Aborts);
        Assert.InRange(tcp.Sum(static flow => flow.Aborts), 1, tcp.Count - 1);
        Assert.All(network.Node.Loop.Ended, static tunnel => Assert.Equal(TunnelOutcome.IdleTimeout, tunnel.Outcome));
        var before = udp.Sent.Count;
        for (var i = 0; i < many; i++)
            client.Send(datagram);
        network.Run(Time.Milliseconds(50));
        Assert.Equal(before + many, udp.Sent.Count);
    }

    /// <summary>A client with a UDP tunnel, its first stream, and so many uploads that nobody takes that it is full.</summary>
    private (Network Network, PacketClient Client) Full(int? host = null)
    {
        const int uploads = 12;
        var network = Start(new NodeSettings { Memory = new ClientMemory(OfLoop) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Speak(host);
        client.Send(QuicFrames.Stream(0, 0, Http3Bytes.ConnectUdp()));
        for (var i = 1ul; i <= uploads; i++)
            client.Send(QuicFrames.Stream(4 * i, 0, UploadHead));
        network.Run(Time.Milliseconds(50));
        for (var i = 1ul; i <= uploads; i++)
        {
            for (var offset = (ulong)UploadHead.Length; offset < OfUpload; offset += Piece)
                client.Send(QuicFrames.Stream(4 * i, offset, new byte[Piece]));
            network.Run(Time.Milliseconds(50));
        }
        Assert.True(network.Node.Client.IsFull);
        Assert.Null(client.Close);
        return (network, client);
    }
}
