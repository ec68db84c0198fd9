using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What one tunnel does never leaves another one waiting.</summary>
public class StallTests : InMemoryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Downstream_AnotherTunnelIsReadyWithNothingToRead_IsNotForgotten(bool firstIsIdle)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static _ => { };
        var client = network.Establish();
        TestStream[] streams = [client.Connect(), client.Connect()];
        Assert.True(network.Run(() => streams.All(static s => s.Status == 200)));
        network.Run(Time.Seconds(5));
        var flows = network.Node.Connector.Tcp;
        var (idle, busy) = firstIsIdle ? (0, 1) : (1, 0);
        for (var i = 1; i <= 50; i++)
        {
            // As epoll does for a socket that became writable while its last read had not come to an end.
            flows[idle].Produce(0);
            flows[busy].Produce(10);
            network.Run(Time.Milliseconds(200));
            Assert.Equal(10 * i, streams[busy].BodyLength);
        }
    }

    [Fact]
    public void Upstream_ManyTargetsThatNeverRead_LeaveTheConnectionsWindowOpen()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish();
        for (var i = 0; i < 12; i++)
        {
            var stalled = network.Answered(client.Connect());
            stalled.SendPattern(10_000_000);
        }
        network.Run(Time.Seconds(10));
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = true;
        var stream = client.Connect();
        stream.SendPattern(1_000_000);
        Assert.True(network.Run(() => stream.BodyLength == 1_000_000));
    }

    [Fact]
    public void Upstream_BytesBeforeAFailedAnswer_DoNotCostTheConnectionsWindow()
    {
        // 1200 × 4 KiB are more than the connection's window.
        var network = Start();
        network.Node.Connector.Delay = Time.Milliseconds(50);
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionLimitReached);
        var client = network.Establish();
        for (var i = 0; i < 1200; i++)
        {
            var stream = client.Connect();
            stream.Send(new byte[4096]);
            stream.Finish();
            Assert.True(network.Run(() => stream.Status == 503), $"No answer to request {i}.");
            Assert.True(network.Run(() => stream.IsClosed));
        }
        network.Node.Connector.Failure = null;
        var last = client.Connect();
        last.Send(new byte[100_000]);
        last.Finish();
        Assert.True(network.Run(() => last.BodyLength == 100_000));
    }
}
