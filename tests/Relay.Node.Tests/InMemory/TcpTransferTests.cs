namespace Relay.Node.Tests.InMemory;

/// <summary>Megabytes over bad networks arrive whole, in order, and once.</summary>
public class TcpTransferTests : InMemoryTests
{
    private const long Size = 5_000_000;

    [Theory]
    [Seeds(3)]
    public void Transfer_BothWaysUnderLossAndReordering_ArrivesWhole(int seed)
    {
        var network = Start(seed: seed);
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { Loss = 0.05, Reordering = 0.1, Duplication = 0.02 },
        });
        var stream = client.Connect();
        stream.KeepsBody = false;
        stream.SendPattern(Size);
        stream.Finish();
        Assert.True(network.Simulation.Run(() => stream.IsClosed, Time.Seconds(600)));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((Size, true), (stream.BodyLength, stream.BodyIsPattern));
        Assert.Equal((Size, true, true), (flow.Delivered, flow.DeliveredPattern, flow.EndDelivered));
        Assert.Equal(1, flow.Closes);
    }

    [Fact]
    public void Transfer_EightStreamsAtOnce_AllArriveWhole()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size / 10, true);
        var client = network.Establish(new ClientSettings { Path = PathConditions.Lossy(0.01, 0.05) });
        var streams = Enumerable.Range(0, 8).Select(_ => client.Connect()).ToList();
        foreach (var stream in streams)
        {
            stream.KeepsBody = false;
            stream.SendPattern(Size / 10);
            stream.Finish();
        }
        Assert.True(network.Simulation.Run(() => streams.TrueForAll(static s => s.IsClosed), Time.Seconds(300)));
        Assert.All(streams, static s => Assert.Equal((Size / 10, true), (s.BodyLength, s.BodyIsPattern)));
        Assert.All(
            network.Node.Connector.Tcp, static f => Assert.Equal((Size / 10, true), (f.Delivered, f.DeliveredPattern)));
    }

    [Fact]
    public void Transfer_NodesSocketIsFullNowAndThen_ArrivesWhole()
    {
        var network = Start();
        network.Node.BatchCapacity = 7;
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size / 5, true);
        var stream = network.Establish().Connect();
        for (var turn = 0; turn < 100 && !stream.Ended; turn++)
        {
            network.Node.SocketHasRoom = turn % 2 == 0;
            network.Run(Time.Milliseconds(15));
        }
        network.Node.SocketHasRoom = true;
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal((Size / 5, true), (stream.BodyLength, stream.BodyIsPattern));
    }
}
