using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>
/// Clients and targets that do at any time what they may: every byte that arrives is the right one, and in the end the
/// connection is worth as much as in the beginning.
/// </summary>
public sealed class RandomActionsTests
{
    private const int MaxOpen = 20;

    [Theory]
    [Seeds(6)]
    public void Actions_AtRandom_LeaveTheConnectionAsGoodAsNew(int seed)
    {
        var random = new Random(seed);
        using var world = new Http2World { Piece = random.Next(1, 16 * 1024) };
        world.Connector.SetUpTcp = flow => (flow.Reads, flow.KernelBuffer) = (random.Next(4) > 0, random.Next(300_000));
        var streams = new List<ClientStream>();
        for (var step = 0; step < 1500; step++)
        {
            streams.RemoveAll(static stream => stream.IsClosed);
            Act(world, streams, random);
            if (step % 3 == 0)
                world.Run(Time.Milliseconds(random.Next(1, 30)));
            Assert.All(streams, static stream => Assert.True(stream.BodyIsPattern));
        }
        Assert.Empty(world.Client.GoAways);
        Settle(world, streams);
        Prove(world);
        world.AssertClean();
    }

    private static void Act(Http2World world, List<ClientStream> streams, Random random)
    {
        var connector = world.Connector;
        var stream = streams.Count == 0 ? null : streams[random.Next(streams.Count)];
        var flow = connector.Tcp.Count == 0 ? null : connector.Tcp[^random.Next(1, Math.Min(connector.Tcp.Count, 20) + 1)];
        switch (random.Next(13))
        {
            case < 2 when streams.Count < MaxOpen:
                streams.Add(world.Client.Connect());
                streams[^1].KeepsBody = false;
                break;
            case 2 or 3:
                stream?.SendPattern(random.Next(400_000));
                break;
            case 4 or 5 when flow is { IsClosed: false, IsReset: false }:
                flow.Produce(random.Next(400_000));
                break;
            case 6 when stream is not null:
                stream.Finish();
                break;
            case 7 when random.Next(3) == 0:
                stream?.Reset(random.Next(2) == 0 ? Http2ErrorCode.Cancel : Http2ErrorCode.NoError);
                break;
            case 8 when flow is { IsClosed: false }:
                flow.End();
                break;
            case 9 when flow is { IsClosed: false } && random.Next(3) == 0:
                flow.Reset();
                break;
            case 10 when flow is { IsClosed: false }:
                flow.BeginReading();
                break;
            case 11:
                world.Carrier.Room = random.Next(2) == 0 ? random.Next(5) : int.MaxValue;
                world.Carrier.RequestWrite();
                break;
            case 12 when stream is not null:
                stream.Reads = !stream.Reads;
                if (stream.Reads)
                    stream.BeginReading();
                break;
        }
    }

    private static void Settle(Http2World world, List<ClientStream> streams)
    {
        world.Carrier.Room = int.MaxValue;
        world.Carrier.RequestWrite();
        foreach (var flow in world.Connector.Tcp.Where(static flow => !flow.IsClosed))
        {
            flow.BeginReading();
            flow.End();
        }
        foreach (var stream in streams)
        {
            stream.BeginReading();
            stream.Finish();
        }
        Assert.True(world.Run(() => streams.All(static stream => stream.IsClosed)));
    }

    private static void Prove(Http2World world)
    {
        world.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (10_000_000, true);
        var stream = world.Client.Connect();
        stream.KeepsBody = false;
        stream.SendPattern(10_000_000);
        stream.Finish();
        Assert.True(world.Run(() => stream.IsClosed));
        Assert.Equal((10_000_000, true, 0u), (stream.BodyLength, stream.BodyIsPattern, stream.ClosedCode));
        Assert.True(world.Connector.Tcp[^1].DeliveredPattern);
    }
}
