namespace Relay.Node.Tests.InMemory;

/// <summary>A drain does not wait for clients that are not there any more.</summary>
public class VanishedDrainTests : InMemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Drain_ClientVanishedBefore_IsGoneTenSecondsAfterGoAway(bool downloads)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = downloads ? 1_000_000_000 : 0;
        var client = network.Establish();
        var stream = client.Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => stream.Status == 200));
        network.Run(Time.Seconds(1));
        client.IsAlive = false;
        network.Run(Time.Seconds(1));
        network.Node.Drain();
        network.Run(Time.Seconds(9));
        Assert.Empty(network.Node.Closed);
        network.Run(Time.Seconds(1.1));
        Assert.Single(network.Node.Closed);
        Assert.Single(network.Node.Loop.Ended);
        Assert.Equal((0, 1), (network.Node.Loop.Counters.DrainedForced, network.Node.Loop.Counters.DrainedFinished));
    }

    [Fact]
    public void Drain_ClientVanishesLater_IsGoneWithinTheQuicIdleTimeout()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var client = network.Establish();
        network.Answered(client.Connect());
        network.Node.Drain();
        Assert.True(network.Run(() => client.GoAwayReceived));
        network.Run(Time.Seconds(15));
        client.IsAlive = false;
        network.Run(Time.Seconds(30.1));
        Assert.Single(network.Node.Closed);
    }

    [Fact]
    public void Drain_SilentClientThatLives_KeepsItsTunnel()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var client = network.Establish();
        var stream = network.Answered(client.Connect());
        network.Node.Drain();
        network.Run(Time.Seconds(300));
        Assert.False(client.IsOver);
        network.Node.Connector.Tcp[0].Produce(1000);
        Assert.True(network.Run(() => stream.BodyLength == 1000));
        stream.Finish();
        network.Node.Connector.Tcp[0].End();
        Assert.True(network.Run(() => client.IsOver));
    }

    // The first GOAWAY is lost, and repeated: the acknowledgement of that is a sign of life.
    [Fact]
    public void Drain_GoAwayIsLostAtFirst_ClientThatLivesStays()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var client = network.Establish(null, out var link);
        network.Answered(client.Connect());
        network.Run(Time.Seconds(1));
        link.Down.Filter = static _ => false;
        network.Node.Drain();
        network.Run(Time.Seconds(5));
        link.Down.Filter = static _ => true;
        network.Run(Time.Seconds(60));
        Assert.True(client.GoAwayReceived);
        Assert.False(client.IsOver);
    }

    // GOAWAY counts in the connection's window (RFC 9000 §4.1), and so cannot be sent to a client that reads none of its
    // downloads.
    [Theory]
    [InlineData(30, 0)]
    [InlineData(120, 0)]
    [InlineData(120, 30)]
    public void Drain_ClientThatLivesLeavesNoWindowForGoAway_KeepsItsTunnels(int quicIdle, int silence)
    {
        var network = Start(new NodeSettings { QuicIdle = Time.Seconds(quicIdle) });
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 1_000_000;
        var client = network.Establish();
        var streams = network.AskAll(client, 3, _ => client.Connect());
        foreach (var stream in streams)
            stream.Reads = stream.KeepsBody = false;
        network.Run(Time.Seconds(10));
        network.Run(Time.Seconds(silence));
        network.Node.Drain();
        network.Run(Time.Seconds(60));
        Assert.False(client.GoAwayReceived);
        Assert.False(client.IsOver);
        Assert.Empty(network.Node.Loop.Ended);
        foreach (var stream in streams)
            stream.BeginReading();
        Assert.True(network.Run(() => streams.TrueForAll(static s => s.BodyLength == 1_000_000)));
        Assert.True(client.GoAwayReceived);
    }
}
