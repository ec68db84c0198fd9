using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A client's path that takes less than targets send: what waits, waits in the kernel's buffers, and tunnels share.
/// </summary>
public class CongestionTests : InMemoryTests
{
    private static readonly PathConditions Narrow = new() { Bandwidth = 250_000, QueueBytes = 32 * 1024 };

    [Fact]
    public void Flood_WindowIsBlocked_FlowIsLeftUnreadAndResumes()
    {
        const long Flood = 20_000;
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(Flood, 1000);
        var client = network.Establish(new ClientSettings { Path = Narrow });
        var stream = client.ConnectUdp();
        stream.KeepsDatagrams = false;
        network.Run(Time.Seconds(10));
        var flow = network.Node.Connector.Udp[0];
        // About 2500 fit the path in ten seconds; what was taken is in flight, or lost where the path's queue was full.
        Assert.InRange(stream.DatagramCount, 1500, 2600);
        Assert.InRange(flow.Taken - stream.DatagramCount, 0, 1000);
        Assert.Equal(Flood, flow.Taken + flow.Unread);
        Assert.Equal(flow.Taken, network.Node.Loop.Counters.DownstreamDatagrams);

        Assert.True(network.Simulation.Run(() => flow.Unread == 0, Time.Seconds(200)));
        network.Run(Time.Seconds(2));
        flow.Deliver("still alive"u8.ToArray());
        var before = stream.DatagramCount;
        Assert.True(network.Run(() => stream.DatagramCount == before + 1));
    }

    [Fact]
    public void Flood_AcknowledgementsStop_NothingIsTakenUntilTheyComeAgain()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(1_000_000, 1000);
        var client = network.Establish(null, out var link);
        var stream = client.ConnectUdp();
        stream.KeepsDatagrams = false;
        Assert.True(network.Run(() => stream.DatagramCount > 1000));
        link.Up.Filter = static _ => false;
        network.Run(Time.Seconds(1));
        var flow = network.Node.Connector.Udp[0];
        var taken = flow.Taken;
        network.Run(Time.Seconds(3));
        // Only probes leave while the window is full (RFC 9002 §7.5).
        Assert.InRange(flow.Taken - taken, 0, 20);
        link.Up.Filter = static _ => true;
        Assert.True(network.Run(() => flow.Taken > taken + 1000));
    }

    [Fact]
    public void TwoFloods_OneConnection_ShareThePath()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(1_000_000, 1000);
        var client = network.Establish(new ClientSettings { Path = Narrow });
        var first = client.ConnectUdp("first.test");
        var second = client.ConnectUdp("second.test");
        first.KeepsDatagrams = second.KeepsDatagrams = false;
        network.Run(Time.Seconds(20));
        var share = (double)first.DatagramCount / (first.DatagramCount + second.DatagramCount);
        Assert.True(first.DatagramCount + second.DatagramCount > 3000);
        Assert.InRange(share, 0.35, 0.65);
    }

    [Fact]
    public void Flood_AndASparseTunnel_SparseOneIsServed()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = flow =>
        {
            if (network.Node.Connector.Udp.Count == 0)
                flow.Flood(1_000_000, 1000);
            else
                flow.Echo = true;
        };
        var client = network.Establish(new ClientSettings { Path = Narrow });
        var flood = client.ConnectUdp("flood.test");
        flood.KeepsDatagrams = false;
        network.Run(Time.Seconds(2));
        var sparse = client.ConnectUdp("sparse.test");
        Assert.True(network.Simulation.Run(() => sparse.Status == 200, Time.Seconds(2)));
        for (var i = 0; i < 20; i++)
        {
            sparse.SendDatagram([(byte)i]);
            network.Run(Time.Milliseconds(400));
        }
        network.Run(Time.Seconds(1));
        // The path's queue loses some of every tunnel's.
        Assert.InRange(sparse.DatagramCount, 12, 20);
    }

    [Fact]
    public void Flood_AndATcpDownload_BothGoOn()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(1_000_000, 1000);
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (500_000, true);
        var client = network.Establish(new ClientSettings { Path = Narrow });
        var udp = client.ConnectUdp();
        udp.KeepsDatagrams = false;
        network.Run(Time.Seconds(1));
        var before = udp.DatagramCount;
        var tcp = client.Connect();
        Assert.True(network.Simulation.Run(() => tcp.Ended, Time.Seconds(30)));
        Assert.True(tcp.BodyIsPattern);
        var share = (udp.DatagramCount - before) * 1000.0 / (((udp.DatagramCount - before) * 1000) + tcp.BodyLength);
        Assert.InRange(share, 0.25, 0.75);
    }

    [Fact]
    public void Download_LongAndFastPath_IsFilledByLargeReads()
    {
        const double Bandwidth = 10_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions
            {
                Delay = Time.Milliseconds(50),
                Bandwidth = Bandwidth,
                QueueBytes = 2 * 1024 * 1024,
            },
        });
        var stream = client.Connect();
        stream.KeepsBody = false;
        network.Run(Time.Seconds(5));
        var before = stream.BodyLength;
        network.Run(Time.Seconds(5));
        // A megabyte is on its way at any time; what is missing from the bandwidth is headers.
        Assert.InRange((stream.BodyLength - before) / 5.0, 0.9 * Bandwidth, Bandwidth);
        Assert.Equal(BlockPool.LargeBlockSize, network.Node.Connector.Tcp[0].LargestReceive);
    }

    [Fact]
    public void Download_NarrowPath_ReadsNoMoreThanASmallBlockAhead()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var stream = network.Establish(new ClientSettings { Path = Narrow }).Connect();
        stream.KeepsBody = false;
        network.Run(Time.Seconds(10));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal(BlockPool.BlockSize, flow.LargestReceive);
        Assert.InRange(flow.Taken - stream.BodyLength, 0, (32 * 1024) + (3 * BlockPool.BlockSize));
    }

    [Fact]
    public void Capsules_SlowReader_FlowIsLeftUnread()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(1_000_000, 1000);
        var client = network.Establish(new ClientSettings { Datagrams = false });
        var stream = client.ConnectUdp();
        stream.ReadsCapsules = true;
        stream.Reads = stream.KeepsDatagrams = false;
        network.Run(Time.Seconds(20));
        Assert.InRange(network.Node.Connector.Udp[0].Taken, 200, 400);
        stream.BeginReading();
        Assert.True(network.Run(() => stream.DatagramCount > 2000));
    }
}
