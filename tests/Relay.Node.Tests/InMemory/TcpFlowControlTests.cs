using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>Whoever does not read stops whoever sends; the relay's memory stays bounded by windows.</summary>
public class TcpFlowControlTests : InMemoryTests
{
    private const long InitialStreamWindow = 256 * 1024;

    [Fact]
    public void Upstream_TargetNeverReads_ClientIsStoppedByFlowControlUntilItDoes()
    {
        const long Total = 8_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Reads = false;
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(Total);
        stream.Finish();
        network.Run(Time.Seconds(20));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal(flow.KernelBuffer, flow.Delivered);
        // What left the client lies in the kernel's buffer or in the relay's queue, which the window bounds, and that has
        // grown while the kernel took all at once; pulled but unsent bytes, of which there may be a block, are still the
        // client's.
        var tunnel = Assert.IsType<Relay.Node.Tunnels.TcpTunnel>(
            Assert.IsType<Relay.Node.Http3.RequestStream>(network.Node.Connection.FindStream(stream.Id)).Request.Tunnel);
        var held = Assert.IsType<Relay.Node.Http3.RequestStream>(network.Node.Connection.FindStream(stream.Id)).Unconsumed;
        Assert.InRange(held, 1, 2 * InitialStreamWindow);
        Assert.InRange(stream.PatternSent, 0, flow.KernelBuffer + (2 * InitialStreamWindow) + (2 * BlockPool.BlockSize));
        Assert.Equal(flow.KernelBuffer, tunnel.UpstreamBytes);

        flow.BeginReading();
        Assert.True(network.Run(() => flow.EndDelivered));
        Assert.Equal(Total, flow.Delivered);
        Assert.True(flow.DeliveredPattern);
    }

    // Early bytes wait in the relay's own memory: a ClientHello may come early, a file not.
    [Fact]
    public void Upstream_BeforeTheTargetIsThere_ASmallWindowIsOpen()
    {
        const int Early = 16 * 1024;
        const long Total = 300_000;
        var network = Start();
        network.Node.Connector.Hold = true;
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var stream = network.Establish().Connect();
        stream.SendPattern(Total);
        stream.Finish();
        network.Run(Time.Seconds(5));
        var request = Assert.IsType<Relay.Node.Http3.RequestStream>(network.Node.Connection.FindStream(stream.Id));
        Assert.InRange(request.Unconsumed, Early / 2, Early);

        network.Node.Connector.Release();
        var flow = network.Node.Connector.Tcp;
        Assert.True(network.Run(() => flow.Count == 1 && flow[0].EndDelivered));
        Assert.Equal(Total, flow[0].Delivered);
        Assert.True(flow[0].DeliveredPattern);
        flow[0].End();
        Assert.True(network.Run(() => stream.IsClosed));
    }

    [Fact]
    public void Upstream_OneTargetDoesNotRead_OtherTunnelsOfTheConnectionGoOn()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Reads = network.Node.Connector.Tcp.Count > 0;
        var client = network.Establish();
        var stuck = client.Connect();
        stuck.SendPattern(4_000_000);
        network.Run(Time.Seconds(5));
        var other = client.Connect();
        other.SendPattern(3_000_000);
        other.Finish();
        Assert.True(network.Run(() => network.Node.Connector.Tcp.Count == 2
            && network.Node.Connector.Tcp[1].EndDelivered));
        Assert.Equal(3_000_000, network.Node.Connector.Tcp[1].Delivered);
    }

    [Fact]
    public void Downstream_ClientDoesNotRead_TargetIsLeftUnreadUntilItDoes()
    {
        const long Total = 10_000_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Total, true);
        var stream = network.Establish().Connect();
        stream.Reads = stream.KeepsBody = false;
        network.Run(Time.Seconds(20));
        var flow = network.Node.Connector.Tcp[0];
        // The client's window is full, and the relay took no more than what one pull fills beyond it.
        Assert.InRange(stream.BodyLength, InitialStreamWindow - 1024, InitialStreamWindow);
        Assert.InRange(flow.Taken, stream.BodyLength, InitialStreamWindow + (2 * BlockPool.BlockSize));
        Assert.InRange(network.Node.Http3.Blocks.Rented, 1, 3);

        stream.BeginReading();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(Total, stream.BodyLength);
        Assert.True(stream.BodyIsPattern);
    }

    [Fact]
    public void Downstream_SlowPath_TargetIsLeftUnread()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 100_000_000;
        var client = network.Establish(new ClientSettings
        {
            Path = new PathConditions { Bandwidth = 100_000, QueueBytes = 64 * 1024 },
        });
        var stream = client.Connect();
        stream.KeepsBody = false;
        network.Run(Time.Seconds(10));
        var flow = network.Node.Connector.Tcp[0];
        Assert.InRange(stream.BodyLength, 500_000, 1_000_000);
        // In flight and unacknowledged: a congestion window, which the path's queue bounds, and a block.
        Assert.InRange(flow.Taken - stream.BodyLength, 0, 600_000);
    }
}
