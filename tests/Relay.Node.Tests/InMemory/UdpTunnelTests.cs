using System.Text;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>CONNECT-UDP (RFC 9298) over both carriers of HTTP datagrams.</summary>
public class UdpTunnelTests : InMemoryTests
{
    [Fact]
    public void ConnectUdp_DatagramFrames_AreEchoedInFrames()
    {
        var network = Start();
        var stream = Open(network);
        Assert.Equal("?1", stream.Headers["capsule-protocol"]);
        Assert.Equal("relay-node; next-hop=\"192.0.2.1:443\"", stream.Headers["proxy-status"]);
        Assert.Equal(new TargetAuthority("target.test", 53), Assert.Single(network.Node.Connector.Targets));
        foreach (var text in (string[])["one", "", "three"])
            stream.SendDatagram(Encoding.ASCII.GetBytes(text));
        Assert.True(network.Run(() => stream.Datagrams.Count == 3));
        Assert.Equal(["one", "", "three"], stream.Datagrams.Select(Encoding.ASCII.GetString));
        Assert.Equal(3, stream.InFrames);
        var counters = network.Node.Loop.Counters;
        Assert.Equal((3L, 3L), (counters.UpstreamDatagrams, counters.DownstreamDatagrams));
    }

    [Fact]
    public void ConnectUdp_ClientWithoutDatagrams_GetsCapsules()
    {
        var network = Start();
        var stream = Open(network, new ClientSettings { Datagrams = false });
        stream.SendCapsule("one"u8);
        stream.SendCapsule(new byte[1200]);
        stream.SendCapsule(new byte[9000]);
        Assert.True(network.Run(() => stream.Datagrams.Count == 3));
        Assert.Equal([3, 1200, 9000], stream.Datagrams.Select(static d => d.Length));
        Assert.Equal(0, stream.InFrames);
        Assert.Equal(0, network.Node.Loop.Counters.DownstreamDropsTooLarge);
    }

    [Fact]
    public void ConnectUdp_NodeWithoutDatagrams_StillTakesCapsules()
    {
        var network = Start(new NodeSettings { Datagrams = false });
        var stream = Open(network, new ClientSettings { Datagrams = false });
        stream.SendCapsule("still"u8);
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
    }

    [Fact]
    public void ConnectUdp_BothCarriersMixed_AllArriveAndAnswersUseFrames()
    {
        var network = Start();
        var stream = Open(network);
        for (var i = 0; i < 50; i++)
        {
            if (i % 3 == 0)
                stream.SendCapsule([(byte)i]);
            else
                stream.SendDatagram([(byte)i]);
        }
        Assert.True(network.Run(() => stream.Datagrams.Count == 50));
        Assert.Equal(Enumerable.Range(0, 50), stream.Datagrams.Select(static d => (int)d[0]).Order());
        Assert.Equal(50, stream.InFrames);
    }

    [Theory]
    [Seeds(3)]
    public void ConnectUdp_CapsulesCutAnywhere_AreFound(int seed)
    {
        var network = Start();
        var stream = Open(network, new ClientSettings { Datagrams = false });
        var random = new Random(seed);
        var sizes = Enumerable.Range(0, 60).Select(_ => random.Next(4) == 0 ? random.Next(5000) : random.Next(100))
            .ToList();
        var bytes = new List<byte>();
        foreach (var size in sizes)
        {
            if (random.Next(3) == 0)
                bytes.AddRange(Capsules.Write(0x17 + (41 * (ulong)random.Next(1000)), 0, new byte[random.Next(300)]));
            bytes.AddRange(Capsules.Write(CapsuleType.Datagram, 0, Pattern.Bytes(size)));
        }
        for (var start = 0; start < bytes.Count;)
        {
            var part = Math.Min(bytes.Count - start, 1 + random.Next(random.Next(2) == 0 ? 5 : 3000));
            stream.Send(bytes.GetRange(start, part).ToArray());
            network.Run(Time.Milliseconds(1));
            start += part;
        }
        Assert.True(network.Run(() => stream.Datagrams.Count == sizes.Count));
        Assert.Equal(sizes, network.Node.Connector.Udp[0].Sent.Select(static d => d.Length));
        Assert.All(network.Node.Connector.Udp[0].Sent, static d => Assert.True(Pattern.Matches(d, 0)));
    }

    [Fact]
    public void ConnectUdp_ClientEnds_StreamIsEndedInOrder()
    {
        var network = Start();
        var stream = Open(network);
        stream.SendCapsule("last"u8);
        stream.Finish();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.True(stream.Ended);
        Assert.Null(stream.ResetCode);
        Assert.Equal("last"u8, Assert.Single(network.Node.Connector.Udp[0].Sent));
        Assert.Equal(TunnelOutcome.Completed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ConnectUdp_ClientResets_FlowIsClosedAndStreamGone(bool both)
    {
        var network = Start();
        var stream = Open(network);
        stream.Reset(Http3ErrorCode.RequestCancelled);
        if (both)
            stream.Stop(Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(1, network.Node.Connector.Udp[0].Closes);
        Assert.Equal(TunnelOutcome.ClientAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.True(network.Run(() => network.Node.Connection.StreamCount == 0));
    }

    [Fact]
    public void ConnectUdp_IcmpUnreachable_StreamIsEnded()
    {
        // RFC 9298 §3.1: the socket is no longer usable, and the stream is closed.
        var network = Start();
        var stream = Open(network);
        network.Node.Connector.Udp[0].Fail(111);
        Assert.True(network.Run(() => stream.Ended));
        Assert.Null(stream.ResetCode);
        Assert.Equal(TunnelOutcome.TargetAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
        // What the client still sends is taken and dropped, and its end closes the stream.
        stream.SendDatagram("late"u8);
        stream.SendCapsule("late"u8);
        stream.Finish();
        Assert.True(network.Run(() => stream.IsClosed));
    }

    private static TestStream Open(Network network, ClientSettings? settings = null)
    {
        var client = network.Establish(settings);
        var stream = client.ConnectUdp();
        stream.ReadsCapsules = true;
        Assert.True(network.Run(() => stream.Status == 200));
        return stream;
    }
}
