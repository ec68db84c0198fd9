using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>docs/lifecycle.md#shutdown: clients without tunnels are closed one after the other.</summary>
public class IdleDrainTests : InMemoryTests
{
    private const int Count = 10;

    [Theory]
    [InlineData(20, 2000)]
    [InlineData(600, 5000)]
    public void Drain_IdleClients_HearGoAwayAtOnceAndAreClosedEvenly(int seconds, int spread)
    {
        var network = Start();
        var clients = EstablishIdle(network);
        var from = network.Simulation.Now;
        network.Node.Drain(TimeSpan.FromSeconds(seconds));
        Assert.True(network.Run(() => clients.TrueForAll(static client => client.GoAwayReceived)));
        var step = Time.Milliseconds(spread) / Count;
        Assert.InRange(network.Simulation.Now - from, 0ul, step);
        for (var closed = 1; closed <= Count; closed++)
        {
            Assert.True(network.Run(() => clients.Count(static client => client.IsOver) == closed));
            // The first hears GOAWAY before its end: three probe timeouts of a new connection are less than a step.
            Assert.InRange(network.Simulation.Now - from, step * (ulong)(closed - 1), step * (ulong)closed);
        }
        Assert.All(clients, static client => client.AssertClosed(Http3ErrorCode.NoError));
    }

    [Fact]
    public void Drain_WithoutTime_ClosesIdleClientsAtOnce()
    {
        var network = Start();
        var clients = EstablishIdle(network);
        network.Node.Drain(TimeSpan.Zero);
        network.Run(Time.Milliseconds(200));
        Assert.All(clients, static client => client.AssertClosed(Http3ErrorCode.NoError));
    }

    [Fact]
    public void Drain_LastTunnelEnds_TheConnectionIsClosedThenThoughIdleOnesWait()
    {
        var (network, busy) = Start().WithClient();
        var tunnel = network.Answered(busy.ConnectUdp());
        var idle = EstablishIdle(network);
        network.Node.Drain(TimeSpan.FromSeconds(600));
        Assert.True(network.Run(() => busy.GoAwayReceived));
        tunnel.Finish();
        Assert.True(network.Run(() => busy.IsOver));
        busy.AssertClosed(Http3ErrorCode.NoError);
        // The first of them is due at about the same time.
        Assert.InRange(idle.Count(static client => !client.IsOver), Count - 1, Count);
        network.Run(Time.Seconds(5));
        Assert.All(idle, static client => client.AssertClosed(Http3ErrorCode.NoError));
    }

    [Fact]
    public void Drain_Again_DoesNotPutOffWhatWaits()
    {
        var network = Start();
        var clients = EstablishIdle(network);
        network.Node.Drain(TimeSpan.FromSeconds(600));
        network.Run(Time.Seconds(2));
        network.Node.Drain(TimeSpan.FromSeconds(600));
        network.Run(Time.Seconds(3));
        Assert.All(clients, static client => client.AssertClosed(Http3ErrorCode.NoError));
    }

    private static List<TestClient> EstablishIdle(Network network)
    {
        var clients = Enumerable.Range(0, Count).Select(_ => network.Establish()).ToList();
        Assert.True(network.Run(() => network.Node.Connections.Open.All(static one => one.IsEstablished)));
        return clients;
    }
}
