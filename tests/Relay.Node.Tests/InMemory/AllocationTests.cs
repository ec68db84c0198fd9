using Relay.Node.Server;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Forwarding allocates nothing: neither for a packet, nor for a datagram, nor for bytes of a stream, while metrics are
/// recorded and read.
/// </summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class AllocationTests : IDisposable
{
    private const int WarmUp = 2000;
    private const int Measured = 1000;

    private readonly WatchedNode _watched = new();
    private readonly ScrapedExport _export;

    public AllocationTests() => _export = new ScrapedExport(_watched.Meter.Name);

    public void Dispose()
    {
        _export.Dispose();
        _watched.Dispose();
    }

    // Of a version that nobody has, which is answered; of no connection; too short for either.
    [Theory]
    [InlineData(0xc0, 1200)]
    [InlineData(0x41, 1200)]
    [InlineData(0xc0, 100)]
    public void Packets_OfStrangers_AllocateNothing(byte first, int length)
    {
        using var network = new Network();
        var packet = new byte[length];
        new Random(1).NextBytes(packet);
        (packet[0], packet[5], packet[14]) = (first, 8, 8);
        Receive(WarmUp);
        Assert.Equal(0, Allocations.Of(() => Receive(Measured), () => network.Node.Allocated));

        void Receive(int count)
        {
            for (var i = 0; i < count; i++)
            {
                network.Node.Receive(new Packet(packet, Network.Endpoint(99, 1234), InMemoryNode.Address, 0));
                network.Run(Time.Milliseconds(1));
            }
        }
    }

    private LoopSampler Watch(Network network)
    {
        network.Node.Loop.Histograms = _watched.Diagnostics.Histograms;
        var sampler = new LoopSampler(network.Node.Loop, network.Node.Connections.Open);
        sampler.Start();
        return sampler;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagrams_TenThousandEchoes_AllocateNothing(bool frames)
    {
        using var network = new Network();
        var sampler = Watch(network);
        network.Node.Connector.SetUpUdp = static flow => flow.KeepsSent = false;
        var client = network.Establish(new ClientSettings { Datagrams = frames });
        var stream = client.ConnectUdp();
        stream.ReadsCapsules = !frames;
        stream.KeepsBody = stream.KeepsDatagrams = false;
        Assert.True(network.Run(() => stream.Status == 200));
        var payload = new byte[1000];
        var flow = network.Node.Connector.Udp[0];
        Echo(WarmUp);
        Assert.Equal(0, Allocations.Of(() =>
        {
            Echo(Measured);
            network.Run(LoopSampler.Interval);
        }, () => network.Node.Allocated));
        Assert.Contains("relay_quic_rtt_seconds_count", _export.Write(), StringComparison.Ordinal);
        network.Node.Loop.Timers.Clear(sampler);
        network.CloseAndAssertClean();

        void Echo(int count)
        {
            var goal = stream.DatagramCount + count;
            for (var i = 0; i < count; i += 10)
            {
                for (var j = 0; j < 10; j++)
                {
                    if (frames)
                        stream.SendDatagram(payload);
                    else
                        stream.SendCapsule(payload);
                    flow.Deliver(payload);
                }
                network.Run(Time.Milliseconds(25));
            }
            Assert.True(network.Run(() => stream.DatagramCount == goal));
            Assert.Equal(goal, flow.SentCount);
        }
    }

    [Fact]
    public void Bytes_FiftyMegabytesEachWay_AllocateNothing()
    {
        using var network = new Network();
        var sampler = Watch(network);
        network.Node.Connector.SetUpTcp = static _ => { };
        var client = network.Establish();
        var stream = client.Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => stream.Status == 200));
        var flow = network.Node.Connector.Tcp[0];
        Move(10_000_000);
        Assert.Equal(0, Allocations.Of(() =>
        {
            Move(5_000_000);
            network.Run(LoopSampler.Interval);
        }, () => network.Node.Allocated));
        Assert.Contains("relay_quic_rtt_seconds_count", _export.Write(), StringComparison.Ordinal);
        network.Node.Loop.Timers.Clear(sampler);
        Assert.True(stream.BodyIsPattern && flow.DeliveredPattern);
        network.CloseAndAssertClean();

        void Move(long length)
        {
            flow.Produce(length);
            stream.SendPattern(length);
            var (down, up) = (stream.BodyLength + length, flow.Delivered + length);
            Assert.True(network.Run(() => stream.BodyLength == down && flow.Delivered == up));
        }
    }
}
