using Relay.Node.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What is counted as held of what clients have sent, for how long, and what every client may have besides.</summary>
public class UntakenTests : InMemoryTests
{
    private const long OfLoop = 1024 * 1024;
    private const int Greedy = 77;

    [Fact]
    public void Clients_ManyWithTunnelsThatAreIdle_HaveNothingOfIt()
    {
        var network = Start(new NodeSettings { Memory = new ClientMemory(1) });
        var most = network.WatchMemory();
        for (var i = 0; i < 300; i++)
            Assert.Equal(200, network.Ask(network.EstablishRaw()));
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
        var most = network.WatchMemory();
        var client = network.Establish();
        var streams = network.AskAll(client, many, _ => client.Connect());
        Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.Status == 200)));
        streams.ForEach(static stream => stream.Finish());
        network.Run(Time.Seconds(30));
        Assert.Equal(0, most());
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
}
