using Relay.Node.Counters;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A tunnel that goes on without its client's stream delivers what the client had sent, for a time that nobody can
/// extend; it counts, and costs the loop little.
/// </summary>
public class DetachedTunnelTests : InMemoryTests
{
    private const int Batch = 64 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EndedAndStoppedReading_WithoutAWindow_TunnelEnds(bool atOnce)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 50_000_000;
        var client = network.Establish(new ClientSettings { StreamWindow = 0 });
        var stream = client.Connect();
        // Later, the answer waits for a window already, and nothing is sent that could meet the STOP_SENDING.
        if (!atOnce)
            network.Run(Time.Seconds(1));
        stream.Finish();
        stream.Stop(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((true, 1), (flow.EndDelivered, flow.Aborts));
        Assert.InRange(flow.Taken, 0, 2 * Batch);
        Assert.Equal(TunnelOutcome.ClientAborted, network.Node.Loop.Ended[0].Outcome);
    }

    [Fact]
    public void EndedWithoutAWindow_IsHalfCloseAndEndsWithTheUpstreamTimeout()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 50_000_000;
        var client = network.Establish(new ClientSettings { StreamWindow = 0 });
        client.Connect().Finish();
        network.Run(Time.Seconds(29));
        Assert.Empty(network.Node.Loop.Ended);
        network.Run(Time.Seconds(2));
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void UploadToATargetThatDoesNotRead_StreamIsOver_DeadlineIsAbsolute()
    {
        var network = Start();
        var (client, flow) = Detach(network);
        for (var i = 0; i < 7; i++)
        {
            Assert.False(flow.IsClosed);
            flow.Produce(10);
            network.Run(Time.Seconds(4));
        }
        network.Run(Time.Seconds(3));
        Assert.Equal(1, flow.Aborts);
        Assert.Equal(TunnelOutcome.IdleTimeout, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Upload_StreamIsOver_ReachesTheTargetAndIsCompleted()
    {
        var network = Start();
        var (_, flow) = Detach(network);
        flow.BeginReading();
        Assert.True(network.Run(() => flow.EndDelivered));
        Assert.Equal((200_000, true), (flow.Delivered, flow.DeliveredPattern));
        flow.End();
        Assert.True(network.Run(() => flow.IsClosed));
        Assert.Equal((1, TunnelOutcome.Completed), (flow.Closes, Assert.Single(network.Node.Loop.Ended).Outcome));
    }

    [Fact]
    public void TargetSendsWithoutEnd_ABatchIsReadInEachTurn()
    {
        var network = Start();
        var (_, flow) = Detach(network);
        flow.Produce(10_000_000);
        for (var i = 0; i < 20; i++)
        {
            var before = flow.Taken;
            network.Node.Turn();
            Assert.InRange(flow.Taken - before, 0, Batch);
        }
        Assert.InRange(flow.Taken, 10 * Batch, 20 * Batch);
        Assert.True(network.Run(() => flow.Taken == 10_000_000));
    }

    [Fact]
    public void Detached_CountsInTheConnectionsLimit()
    {
        var network = Start(new NodeSettings { MaxTunnelsPerConnection = 2 });
        var (client, _) = Detach(network);
        var (_, _) = Detach(network, client);
        var refused = client.Connect();
        Assert.True(network.Run(() => refused.IsAnswered));
        Assert.Equal(503, refused.Status);
        // Until the deadline has ended them.
        Assert.True(network.Simulation.Run(() => network.Node.Context.Tunnels.Detached.Count == 0, Time.Seconds(40)));
        var next = client.Connect();
        Assert.True(network.Run(() => next.IsAnswered));
        Assert.Equal(200, next.Status);
    }

    /// <summary>
    /// A drain's deadline, a lease's and a session's end find all of them, whatever one of them throws: it would be the loop's own, and end
    /// the process.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Detached_OneThatThrows_EndsAllTheSame_AndSoDoTheOthers(bool session)
    {
        var network = Start();
        var (client, first) = Detach(network);
        _ = network.Answered(client.Connect());
        var (_, second) = Detach(network, client);
        var (_, third) = Detach(network, client);
        foreach (var flow in (FakeTcpFlow[])[first, second])
            flow.AbortFault = new InvalidOperationException();
        if (session)
            ((ISessionConnection)network.Node.Client).End(network.Node.Client.Session);
        else
            network.Node.Context.Tunnels.ForceCloseDetached(0, static (_, _) => true);
        network.Run(Time.Milliseconds(1));
        Assert.Equal([1, 1, 1], new[] { first, second, third }.Select(static flow => flow.Aborts));
        Assert.Empty(network.Node.Context.Tunnels.Detached);
        Assert.Equal(3, network.Node.Loop.Ended.Count(static tunnel => tunnel.Outcome == TunnelOutcome.ForceClosed && tunnel.IsDetached));
        // Whose connection it is of is over: nobody understands it any more.
        Assert.True(network.Run(() => client.IsOver));
        Assert.Equal(2, network.Node.Defects.Count);
        network.Node.Defects.Clear();
    }

    /// <summary>A tunnel whose client has sent all and reads no more, and whose target does not read.</summary>
    private static (TestClient Client, FakeTcpFlow Flow) Detach(Network network, TestClient? client = null)
    {
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 100_000);
        client ??= network.Establish();
        var before = network.Node.Context.Tunnels.Detached.Count;
        var stream = client.Connect();
        stream.SendPattern(200_000);
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && stream.Pending == 0));
        network.Run(Time.Milliseconds(100));
        stream.Stop(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Context.Tunnels.Detached.Count == before + 1));
        return (client, network.Node.Connector.Tcp[^1]);
    }
}
