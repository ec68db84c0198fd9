namespace Relay.Node.Tests.Http2;

/// <summary>Bytes of tunnels pass without an allocation for a frame or a piece.</summary>
public sealed class AllocationTests
{
    private const long Slack = 64 * 1024;

    [Fact]
    public void Upstream_TwentyMegabytes_AllocateNothing()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static _ => { };
        var stream = world.Open(world.Client.Connect());
        Send(20_000_000);
        var before = world.Allocated;
        Send(20_000_000);
        Assert.InRange(world.Allocated - before, 0, Slack);

        void Send(long length)
        {
            stream.SendPattern(length);
            var goal = world.Connector.Tcp[0].Delivered + length;
            Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == goal));
        }
    }

    [Fact]
    public void Downstream_TwentyMegabytes_AllocateNothing()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static _ => { };
        var stream = world.Open(world.Client.Connect());
        stream.KeepsBody = false;
        var piece = new byte[16 * 1024];
        // The test's own copies are what the carrier of the others has; this one has none.
        world.Carrier.Room = 0;
        Take(5_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Take(20_000_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Slack);
        Assert.True(stream.BodyIsPattern);

        void Take(long length)
        {
            var goal = stream.BodyLength + length;
            world.Connector.Tcp[0].Produce(length);
            world.World.Loop.RunReady();
            while (stream.BodyLength < goal)
            {
                var written = world.Carrier.HttpProtocol.Write(piece);
                world.Client.Receive(piece.AsSpan(0, written));
                if (world.Client.Send(piece) is var sent and > 0)
                    world.Carrier.HttpProtocol.Receive(piece.AsSpan(0, sent));
            }
        }
    }
}
