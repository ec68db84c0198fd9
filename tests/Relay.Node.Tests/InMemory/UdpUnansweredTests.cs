using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory;

/// <summary>Until a target has answered, what a client may send to it is bounded.</summary>
public class UdpUnansweredTests : InMemoryTests
{
    [Theory]
    [InlineData(100, UnansweredBudget.MaxDatagrams)]
    [InlineData(1100, UnansweredBudget.MaxBytes / 1100)]
    public void SilentTarget_GetsABoundedFlightAndTheRestIsCounted(int size, int passed)
    {
        var network = Start();
        var (stream, flow) = Open(network);
        Send(stream, 200, size);
        Assert.True(network.Run(() => network.Node.Loop.Counters.UpstreamDropsUnanswered == 200 - passed));
        Assert.Equal(passed, flow.SentCount);
        stream.Finish();
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal((passed, (long)passed * size),
            (network.Node.Loop.Ended[0].UpstreamDatagrams, network.Node.Loop.Ended[0].UpstreamBytes));
    }

    [Fact]
    public void SilentTarget_GetsATrickleOnceTheFlightIsSpent()
    {
        // WireGuard: a handshake message every five seconds, however long the peer is away.
        var network = Start();
        var (stream, flow) = Open(network);
        Send(stream, UnansweredBudget.MaxDatagrams, 148);
        network.Run(Time.Seconds(5));
        for (var call = 0; call < 100; call++)
        {
            stream.SendDatagram(new byte[148]);
            network.Run(Time.Seconds(5));
        }
        Assert.Equal(UnansweredBudget.MaxDatagrams + 100, flow.SentCount);
        Assert.Equal(0, network.Node.Loop.Counters.UpstreamDropsUnanswered);
    }

    [Fact]
    public void TargetThatAnswered_GetsEverything()
    {
        var network = Start();
        var (stream, flow) = Open(network);
        stream.SendDatagram("hello"u8);
        Assert.True(network.Run(() => flow.SentCount == 1));
        flow.Deliver("hello back"u8.ToArray());
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
        Send(stream, 500, 1000);
        Assert.True(network.Run(() => flow.SentCount == 501));
        Assert.Equal(0, network.Node.Loop.Counters.UpstreamDropsUnanswered);
    }

    private static void Send(TestStream stream, int count, int size)
    {
        for (var i = 0; i < count; i++)
            stream.SendDatagram(new byte[size]);
    }

    private static (TestStream Stream, FakeUdpFlow Flow) Open(Network network)
    {
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var stream = network.Answered(network.Establish().ConnectUdp());
        return (stream, Assert.Single(network.Node.Connector.Udp));
    }
}
