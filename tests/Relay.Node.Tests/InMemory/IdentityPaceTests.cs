using Relay.Node.Sessions;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// What goes beyond an identity's bytes a second is slowed down, not ended. Here everybody is anonymous.
/// </summary>
public class IdentityPaceTests : InMemoryTests
{
    private const long Rate = 1_000_000;

    /// <summary>What passes at once: the budget's burst, a slice for each session, and what one read brings.</summary>
    private const long AtOnce = 400_000;

    [Fact]
    public void Download_IsHeldToTheRate_AndGoesOnAtFullSpeedWhenTheLimitIsLifted()
    {
        var network = Limited();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (50_000_000, true);
        var stream = Open(network);
        network.Run(Time.Seconds(10));
        Assert.InRange(stream.BodyLength, 9 * Rate, (10 * Rate) + AtOnce);
        Limit(network, IdentityLimits.None);
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal((50_000_000, true), (stream.BodyLength, stream.BodyIsPattern));
    }

    [Fact]
    public void Upload_IsHeldToTheRate_AndWaitsWithTheClient()
    {
        var network = Limited();
        network.Node.Connector.SetUpTcp = static _ => { };
        var stream = Open(network);
        stream.SendPattern(20_000_000);
        stream.Finish();
        network.Run(Time.Seconds(10));
        var flow = Assert.Single(network.Node.Connector.Tcp);
        Assert.InRange(flow.Delivered, 9 * Rate, (10 * Rate) + AtOnce);
        Assert.True(network.Run(() => flow.EndDelivered));
        Assert.Equal((20_000_000, true), (flow.Delivered, flow.DeliveredPattern));
    }

    [Fact]
    public void Sessions_ShareTheRate_NobodyIsLeftOut()
    {
        var network = Limited();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var streams = Enumerable.Range(0, 4).Select(_ => Open(network)).ToArray();
        network.Run(Time.Seconds(10));
        Assert.InRange(streams.Sum(static stream => stream.BodyLength), 9 * Rate, (10 * Rate) + (4 * AtOnce));
        Assert.All(streams, static stream => Assert.InRange(stream.BodyLength, Rate, 5 * Rate));
        Assert.True(Assert.Single(network.Node.Context.Sessions.Identities.List()).Refusals > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagrams_TowardTheClient_WaitInTheTargetsSocket(bool frames)
    {
        var network = Limited();
        network.Node.Connector.SetUpUdp = static flow => flow.Flood(100_000, 1000);
        var stream = network.Establish(new ClientSettings { Datagrams = frames }).ConnectUdp();
        (stream.KeepsDatagrams, stream.ReadsCapsules) = (false, true);
        network.Run(Time.Seconds(10));
        Assert.InRange(stream.DatagramCount * 1000, 9 * Rate, (10 * Rate) + AtOnce);
        var flow = Assert.Single(network.Node.Connector.Udp);
        Assert.InRange(flow.Taken * 1000, 9 * Rate, (10 * Rate) + AtOnce);
    }

    [Fact]
    public void Datagrams_TowardTheTarget_BeyondTheRate_AreDroppedAndCounted()
    {
        var network = Limited();
        network.Node.Connector.SetUpUdp = static flow => flow.Deliver([1]);
        var stream = network.Establish().ConnectUdp();
        Assert.True(network.Run(() => stream.DatagramCount == 1));
        const int Sent = 4000;
        for (var i = 0; i < Sent; i++)
        {
            stream.SendDatagram(new byte[1000]);
            network.Run(Time.Milliseconds(0.5));
        }
        network.Run(Time.Seconds(1));
        var flow = Assert.Single(network.Node.Connector.Udp);
        Assert.InRange(flow.SentCount * 1000, Rate, (2 * Rate) + AtOnce);
        Assert.Equal(Sent, flow.SentCount + network.Node.Loop.Counters.UpstreamDropsLimited);
    }

    [Fact]
    public void Datagrams_ThatTheRateDrops_AreNotHeldAgainstATargetThatHasNotAnswered()
    {
        var network = Start();
        Limit(network, new IdentityLimits { BytesPerSecond = 50_000 });
        network.Node.Connector.SetUpUdp = static flow => flow.Echo = false;
        var stream = network.Answered(network.Establish().ConnectUdp());
        var flow = Assert.Single(network.Node.Connector.Udp);
        var counters = network.Node.Loop.Counters;
        // All but a few come at once: what was dropped of them leaves room for as many, a tenth of a second apart.
        for (var i = 0; i < UnansweredBudget.MaxDatagrams; i++)
            stream.SendDatagram(new byte[1000]);
        network.Run(Time.Milliseconds(500));
        Assert.InRange(counters.UpstreamDropsLimited, 20, UnansweredBudget.MaxDatagrams);
        for (var i = flow.SentCount; i < UnansweredBudget.MaxDatagrams; i++)
        {
            network.Run(Time.Milliseconds(100));
            stream.SendDatagram(new byte[1000]);
        }
        network.Run(Time.Milliseconds(500));
        Assert.Equal((UnansweredBudget.MaxDatagrams, 0), (flow.SentCount, counters.UpstreamDropsUnanswered));
    }

    [Fact]
    public void Limit_ThatIsSetWhileADownloadRuns_IsHeldFromThenOn()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        var stream = Open(network);
        network.Run(Time.Seconds(1));
        Limit(network, new IdentityLimits { BytesPerSecond = Rate });
        network.Run(Time.Seconds(1));
        var before = stream.BodyLength;
        network.Run(Time.Seconds(5));
        Assert.InRange(stream.BodyLength - before, 4 * Rate, (5 * Rate) + AtOnce);
    }

    private Network Limited()
    {
        var network = Start();
        Limit(network, new IdentityLimits { BytesPerSecond = Rate });
        return network;
    }

    private static void Limit(Network network, IdentityLimits limits) =>
        network.Node.Context.Sessions.Identities.Use(
            new Dictionary<string, IdentityLimits> { ["anonymous"] = limits }, IdentityLimits.None);

    private static TestStream Open(Network network)
    {
        var stream = network.Establish().Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => stream.Status == 200));
        return stream;
    }
}
