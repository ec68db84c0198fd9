using Relay.Node.Targets;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory;

/// <summary>Until a target has answered, what a client may send to it is bounded.</summary>
public class UdpUnansweredTests : InMemoryTests
{
    private static readonly RateLimit Limit = UnansweredTargets.DefaultLimit;

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

    [Fact]
    public void SilentTarget_TunnelAfterTunnel_GetsNoMoreThanOneBudget()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        var began = network.Simulation.Now;
        for (var i = 0; i < 40; i++)
            Burst(network, client);
        var most = Limit.Burst + (int)((network.Simulation.Now - began) / Limit.Interval) + 1;
        Assert.InRange(Sent(network), Limit.Burst, most);
        Assert.Equal(40 * 200, Sent(network) + network.Node.Loop.Counters.UpstreamDropsUnanswered);
    }

    [Fact]
    public void SilentTarget_OtherPorts_AreTheSameHost_OtherHostsAndSourcesAreNot()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        for (var i = 0; i < 20; i++)
        {
            var port = 1000 + i;
            network.Node.Connector.SetUpUdp = flow =>
                (flow.Echo, flow.RemoteEndPoint) = (false, new IPEndPoint(IPAddress.Parse("192.0.2.1"), port));
            Burst(network, client);
        }
        var sent = Sent(network);
        Assert.InRange(sent, Limit.Burst, Limit.Burst + 100);

        Burst(network, network.Establish());
        Assert.Equal(sent + UnansweredBudget.MaxDatagrams, Sent(network));
        network.Node.Connector.SetUpUdp = static flow =>
            (flow.Echo, flow.RemoteEndPoint) = (false, IPEndPoint.Parse("[2001:db8::1]:443"));
        Burst(network, client);
        Assert.Equal(sent + (2 * UnansweredBudget.MaxDatagrams), Sent(network));
    }

    [Fact]
    public void TargetThatAnswered_GivesItsSourceBackWhatItTook()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        for (var i = 0; i < 20; i++)
        {
            var (stream, flow) = Burst(network, client, keep: true);
            Assert.Equal(UnansweredBudget.MaxDatagrams, flow.SentCount);
            flow.Deliver("hello back"u8.ToArray());
            Assert.True(network.Run(() => stream.Datagrams.Count == 1));
        }
    }

    /// <summary>Users behind one address are one source: one of them who floods a host does not keep the others from it.</summary>
    [Fact]
    public void TargetThatAnsweredAnother_IsOpenToAllOfItsSource_ThoughOneFloodsIt()
    {
        var network = Start();
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        var (answered, flow) = Burst(network, client, keep: true);
        flow.Deliver("hello back"u8.ToArray());
        Assert.True(network.Run(() => answered.Datagrams.Count == 1));
        for (var i = 0; i < 40; i++)
            Assert.Equal(UnansweredBudget.MaxDatagrams, Burst(network, client).Flow.SentCount);

        // Not for longer than it answers.
        network.Run(Time.Seconds(50));
        flow.Deliver("and again"u8.ToArray());
        Assert.True(network.Run(() => answered.Datagrams.Count == 2));
        network.Run(Time.Seconds(50));
        for (var i = 0; i < 8; i++)
            Assert.Equal(UnansweredBudget.MaxDatagrams, Burst(network, client).Flow.SentCount);
        network.Run(Time.Seconds(15));
        var before = Sent(network);
        for (var i = 0; i < 8; i++)
            Burst(network, client);
        Assert.InRange(Sent(network) - before, Limit.Burst, Limit.Burst + 100);
    }

    [Fact]
    public void SilentTarget_ThatNeedNotAnswer_GetsEverything()
    {
        var network = Start(new NodeSettings
        {
            Unanswered = new UnansweredTargets { Allowed = [TargetRule.Parse("192.0.2.0/24:443")] },
        });
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var client = network.Establish();
        Assert.Equal(200, Burst(network, client).Flow.SentCount);
        Assert.Equal(200, Burst(network, client).Flow.SentCount);
        network.Node.Connector.SetUpUdp = static flow =>
            (flow.Echo, flow.RemoteEndPoint) = (false, IPEndPoint.Parse("192.0.2.1:444"));
        Assert.Equal(UnansweredBudget.MaxDatagrams, Burst(network, client).Flow.SentCount);
    }

    private static (TestStream Stream, FakeUdpFlow Flow) Burst(Network network, TestClient client, bool keep = false)
    {
        var stream = network.Answered(client.ConnectUdp());
        var flow = network.Node.Connector.Udp[^1];
        var counters = network.Node.Loop.Counters;
        var before = counters.UpstreamDropsUnanswered;
        Send(stream, 200, 500);
        Assert.True(network.Run(() => flow.SentCount + counters.UpstreamDropsUnanswered - before == 200));
        if (!keep)
        {
            stream.Finish();
            Assert.True(network.Run(() => stream.IsClosed));
        }
        return (stream, flow);
    }

    private static long Sent(Network network) => network.Node.Connector.Udp.Sum(static flow => flow.SentCount);

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
