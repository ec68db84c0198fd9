namespace Relay.Node.Tests.Http2;

/// <summary>Bytes of tunnels pass without an allocation for a frame or a piece.</summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class AllocationTests
{
    [Fact]
    public void Upstream_TwentyMegabytes_AllocateNothing()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static _ => { };
        var stream = world.Open(world.Client.Connect());
        Send(20_000_000);
        Assert.Equal(0, Allocations.Of(() => Send(2_000_000), () => world.Allocated));

        void Send(long length)
        {
            stream.SendPattern(length);
            var goal = world.Connector.Tcp[0].Delivered + length;
            Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == goal));
        }
    }

    [Fact]
    public void Datagrams_TenThousandEachWay_AllocateNothing()
    {
        using var peer = new RawPeer();
        peer.World.Connector.SetUpUdp = static flow => flow.KeepsSent = false;
        peer.Send(Frames.Request(1, Frames.ConnectUdp));
        var flow = Assert.Single(peer.World.Connector.Udp);
        var payload = new byte[1000];
        var upstream = Frames.Write(Frames.Data, 0, 1, Capsules.Write(0, 0, payload));
        var update = Frames.Update(1, 1004).Concat(Frames.Update(0, 1004)).ToArray();
        var piece = new byte[16 * 1024];
        flow.Deliver(payload);
        peer.Settle();
        // The test's own events cost something, and are no part of it.
        flow.Flood(13_000, payload.Length);
        peer.World.Loop.RunReady();
        Echo(2000);
        Assert.Equal(0, Allocations.Of(() => Echo(1000)));
        Assert.Equal((13_000, 13_001), (flow.SentCount, flow.Taken));

        void Echo(int count)
        {
            for (var i = 0; i < count; i++)
            {
                peer.Carrier.HttpProtocol.Receive(upstream);
                peer.Carrier.HttpProtocol.Receive(update);
                while (peer.Carrier.HttpProtocol.Write(piece) > 0)
                {
                }
            }
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
        world.Connector.Tcp[0].Produce(28_000_000);
        world.World.Loop.RunReady();
        Take(5_000_000);
        Assert.Equal(0, Allocations.Of(() => Take(2_000_000)));
        Assert.True(stream.BodyIsPattern);

        void Take(long length)
        {
            var goal = stream.BodyLength + length;
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
