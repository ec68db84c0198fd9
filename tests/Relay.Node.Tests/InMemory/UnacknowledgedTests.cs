namespace Relay.Node.Tests.InMemory;

/// <summary>What clients have yet to acknowledge is kept, and bounded; what they do not take is left to the kernel.</summary>
public class UnacknowledgedTests : InMemoryTests
{
    private const long OfStream = 8 * 1024 * 1024;
    private const long OfConnection = 16 * 1024 * 1024;
    private const int Block = 256 * 1024;

    [Theory]
    [InlineData(1, OfStream)]
    [InlineData(3, OfConnection)]
    public void Download_OverALongPath_IsHeldBackAtTheBound_AndCompletes(int tunnels, long bound)
    {
        const long size = 40_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (size, true);
        var client = network.Establish(new ClientSettings
        {
            StreamWindow = size + 1000,
            Path = new PathConditions { Delay = Time.Milliseconds(250) },
        });
        long most = 0;
        network.Simulation.Add(new Watch(() =>
            most = Math.Max(most, network.Node.Connections.Open.Count == 1 ? network.Node.Connection.Unacknowledged : 0)));
        var streams = Enumerable.Range(0, tunnels).Select(_ => client.Connect()).ToList();
        streams.ForEach(static stream => stream.KeepsBody = false);
        Assert.True(network.Simulation.Run(() => streams.TrueForAll(static stream => stream.Ended), Time.Seconds(120)));
        Assert.All(streams, static stream => Assert.Equal((size, true), (stream.BodyLength, stream.BodyIsPattern)));
        Assert.InRange(most, bound, bound + (tunnels * Block));
        Assert.NotEqual(0, network.Node.Loop.Counters.HeldBack);
    }

    [Fact]
    public void Downloads_OfManyClients_ShareWhatTheLoopHas_AndComplete()
    {
        const long limit = 2 * 1024 * 1024;
        const int clients = 6;
        const long size = 5_000_000;
        var network = Start(new NodeSettings { BlockLimit = limit });
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (size, true);
        long most = 0;
        network.Simulation.Add(new Watch(() => most = Math.Max(most, network.Node.Http3.Blocks.RentedBytes)));
        var settings = new ClientSettings
        {
            StreamWindow = size + 1000,
            Path = new PathConditions { Delay = Time.Milliseconds(250) },
        };
        var streams = Enumerable.Range(0, clients).Select(_ => network.Establish(settings).Connect()).ToList();
        streams.ForEach(static stream => stream.KeepsBody = false);
        // One that takes little is never in want of a share.
        var small = network.Answered(network.Establish().ConnectUdp());
        Assert.True(network.Simulation.Run(() => most >= limit, Time.Seconds(60)));
        small.SendDatagram("x"u8);
        Assert.True(network.Run(() => small.Datagrams.Count == 1));
        Assert.True(network.Simulation.Run(() => streams.TrueForAll(static stream => stream.Ended), Time.Seconds(300)));
        Assert.All(streams, static stream => Assert.Equal((size, true), (stream.BodyLength, stream.BodyIsPattern)));
        Assert.InRange(most, limit, limit + ((clients + 1) * Block));
    }

    /// <summary>As of other tabs of a browser: what waits for their windows is no reason to stop what is read.</summary>
    [Fact]
    public void Download_BesideManyThatArePaused_GoesOnThoughTheirBlocksAreAllThatTheLoopHas()
    {
        const long size = 1_000_000;
        const int window = 8_000;
        var network = Start(new NodeSettings { BlockLimit = 1024 * 1024 });
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (size, true);
        var client = network.Establish(new ClientSettings { StreamWindow = window });
        var paused = network.AskAll(client, 40, _ =>
        {
            var stream = client.Connect();
            stream.Reads = false;
            return stream;
        });
        network.Run(Time.Seconds(5));
        var read = client.Connect();
        Assert.True(network.Simulation.Run(() => read.Ended, Time.Seconds(60)));
        Assert.Equal((size, true), (read.BodyLength, read.BodyIsPattern));

        paused.ForEach(static stream => stream.BeginReading());
        Assert.True(network.Simulation.Run(() => paused.TrueForAll(static stream => stream.Ended), Time.Seconds(300)));
    }

    /// <summary>Those that are held back come to their turn, be there many that have nothing.</summary>
    [Fact]
    public void Downloads_HeldBackBehindManyThatAreEmpty_GoOn()
    {
        const long size = 3_000_000;
        var network = Start(new NodeSettings { BlockLimit = 1024 * 1024 });
        var opened = 0;
        network.Node.Connector.SetUpTcp = flow =>
        {
            if (++opened % 10 == 0)
                (flow.Source, flow.EndsAfterSource) = (size, true);
        };
        var client = network.Establish(new ClientSettings { StreamWindow = size + 1000 });
        var streams = network.AskAll(client, 200, _ => client.Connect());
        streams.ForEach(static stream => stream.KeepsBody = false);
        Assert.True(network.Simulation.Run(() => streams.Count(static stream => stream.Ended) == 20, Time.Seconds(300)));
    }

    [Fact]
    public void Windows_ThatAreNotOpened_LeaveTheirBytesToTheKernel()
    {
        const int window = 1000;
        // nghttp3 asks until it has so much.
        const int asked = 4096;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 1_000_000;
        var client = network.Establish(new ClientSettings { StreamWindow = window });
        var streams = network.AskAll(client, 100, _ =>
        {
            var stream = client.Connect();
            stream.Reads = false;
            return stream;
        });
        network.Run(Time.Seconds(5));
        Assert.Equal(100, network.Node.Connector.Tcp.Count);
        Assert.All(network.Node.Connector.Tcp, static flow => Assert.InRange(flow.Taken, 1, asked + (2 * window)));
        streams.ForEach(static stream => stream.BeginReading());
        network.Run(Time.Seconds(5));
        Assert.All(network.Node.Connector.Tcp, static flow => Assert.InRange(flow.Taken, 10 * window, 1_000_000));
    }

    /// <summary>RFC 9000 §21.4: "An endpoint MAY skip packet numbers when sending packets to detect this behavior".</summary>
    [Fact]
    public void Acknowledgements_OfPacketsThatWereNeverSent_EndTheConnection()
    {
        const ulong violation = 0x0a;
        Assert.SkipUnless(Ngtcp2Behaviour.LeavesOutPacketNumbers, "this ngtcp2 leaves out no packet number");
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var client = network.Speak();
        client.Acknowledges = false;
        client.Send([
            .. QuicFrames.Of(QuicFrames.MaxData, 1 << 30), .. QuicFrames.Stream(0, 0, RawClient.ConnectHeaders()),
            .. QuicFrames.Of(QuicFrames.MaxStreamData, 0, 1 << 30),
        ]);
        for (var i = 0; i < 10_000 && client.Close is null; i++)
        {
            network.Run(Time.Milliseconds(1));
            client.Send(QuicFrames.Acknowledge(0, client.Largest));
        }
        Assert.Equal((0x1cul, violation), (client.Close?.Type, client.Close?.Numbers[0]));
    }
}
