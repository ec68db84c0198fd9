using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// What a client sent in full before its connection ended still reaches the target, within the drain time.
/// </summary>
public class UploadDrainTests : InMemoryTests
{
    private const int Size = 300_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Upload_FinishedThenConnectionClosed_AllReachesTheTarget(bool byClient)
    {
        var network = Start();
        var (client, flow) = UploadToASlowTarget(network);
        if (byClient)
            client.CloseWith(Http3ErrorCode.NoError);
        else
            network.Node.Client.Shutdown();
        network.Run(Time.Seconds(2));
        Assert.Single(network.Node.Closed);
        Assert.Empty(network.Node.Loop.Ended);
        flow.BeginReading();
        network.Run(Time.Seconds(1));
        Assert.Equal((Size, true, true), (flow.Delivered, flow.DeliveredPattern, flow.EndDelivered));
        // The target's answer has nobody to go to, but its end is waited for.
        flow.Produce(1_000_000);
        network.Run(Time.Milliseconds(100));
        Assert.Equal(1_000_000, flow.Taken);
        flow.End();
        network.Run(Time.Milliseconds(100));
        Assert.Equal((1, 0), (flow.Closes, flow.Aborts));
        Assert.Equal(TunnelOutcome.Completed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Upload_TargetIsStuck_IsAbortedAtTheDeadline()
    {
        var network = Start();
        var (client, flow) = UploadToASlowTarget(network);
        client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(9.5));
        Assert.False(flow.IsClosed);
        network.Run(Time.Seconds(1));
        Assert.Equal((0, 1), (flow.Closes, flow.Aborts));
        Assert.Equal(TunnelOutcome.ForceClosed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Upload_NotFinished_IsAbortedWithTheConnection()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Reads = false;
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(Size);
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(1));
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    [Fact]
    public void Upload_FinishedThenStreamReset_IsAborted()
    {
        var network = Start();
        var (client, flow) = UploadToASlowTarget(network);
        Assert.NotNull(client.Find(0));
        client.Find(0)!.Stop(Http3ErrorCode.RequestCancelled);
        flow.Produce(10);
        Assert.True(network.Run(() => flow.Aborts == 1));
    }

    [Fact]
    public void Upload_FinishedAndDrainingTargetResets_IsOver()
    {
        var network = Start();
        var (client, flow) = UploadToASlowTarget(network);
        client.CloseWith(Http3ErrorCode.NoError);
        network.Run(Time.Seconds(1));
        flow.Reset();
        network.Run(Time.Milliseconds(10));
        Assert.Equal(1, flow.Aborts);
        Assert.Equal(TunnelOutcome.TargetAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    private static (TestClient Client, FakeTcpFlow Flow) UploadToASlowTarget(Network network)
    {
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 100_000);
        var client = network.Establish(new ClientSettings());
        var stream = client.Connect();
        stream.SendPattern(Size);
        stream.Finish();
        Assert.True(network.Run(() => stream.Status == 200 && stream.Pending == 0));
        network.Run(Time.Seconds(1));
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal(flow.KernelBuffer, flow.Delivered);
        return (client, flow);
    }
}
