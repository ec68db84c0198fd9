using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A client that leaves without an error once all was delivered has completed its tunnels; one that cuts a transfer short
/// has not. The target sees FIN after a FIN, RST otherwise.
/// </summary>
public class OutcomeTests : InMemoryTests
{
    private const int Size = 20_000;

    // RFC 9114 §8: an unknown code, such as the 0 of a QUIC library's plain close, "MUST be treated as equivalent to
    // H3_NO_ERROR".
    [Theory]
    [InlineData(true, true, Http3ErrorCode.NoError)]
    [InlineData(true, false, Http3ErrorCode.NoError)]
    [InlineData(false, true, Http3ErrorCode.NoError)]
    [InlineData(false, false, Http3ErrorCode.NoError)]
    [InlineData(false, false, 0)]
    public void ConnectionClosed_AllWasDelivered_IsCompleted(bool clientEnds, bool targetEnds, ulong code)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => (flow.Source, flow.EndsAfterSource) = (Size, targetEnds);
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(500);
        if (clientEnds)
            stream.Finish();
        // At once, so that the last bytes are not acknowledged.
        Assert.True(network.Run(() => stream.BodyLength == Size && stream.Ended == targetEnds));
        client.CloseWith(code);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1 && network.Node.Closed.Count == 1));
        Assert.Equal(TunnelOutcome.Completed, network.Node.Loop.Ended[0].Outcome);
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((500, clientEnds), (flow.Delivered, flow.EndDelivered));
        Assert.Equal(clientEnds ? (1, 0) : (0, 1), (flow.Closes, flow.Aborts));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void ConnectionClosed_DownloadWasCutShort_IsAborted(bool clientEnds, bool clientReads)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = 1_000_000;
        var client = network.Establish(new ClientSettings { StreamWindow = 100_000 });
        var stream = client.Connect();
        stream.Reads = clientReads;
        if (clientEnds)
            stream.Finish();
        Assert.True(network.Run(() => stream.BodyLength > 50_000));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(TunnelOutcome.ClientAborted, network.Node.Loop.Ended[0].Outcome);
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((clientEnds, 1), (flow.EndDelivered, flow.Aborts));
    }

    // All has been read from the target, but what it sent last waits for a window.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ClientLeaves_LastBytesWereNeverSent_IsAborted(bool closesConnection)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = 60_000;
        var client = network.Establish(new ClientSettings { StreamWindow = 30_000, MaxStreamWindow = 30_000 });
        var stream = client.Connect();
        stream.Reads = false;
        Assert.True(network.Run(() => stream.BodyLength > 29_000));
        network.Run(Time.Seconds(1));
        if (closesConnection)
            client.CloseWith(Http3ErrorCode.NoError);
        else
        {
            stream.Finish();
            stream.Stop(Http3ErrorCode.NoError);
        }
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(TunnelOutcome.ClientAborted, network.Node.Loop.Ended[0].Outcome);
    }

    [Fact]
    public void ConnectionClosed_UploadDidNotReachTheTarget_IsAborted()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Echo, flow.Reads, flow.KernelBuffer) = (false, false, 100);
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(10_000);
        Assert.True(network.Run(() => stream.Status == 200 && stream.Pending == 0));
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(TunnelOutcome.ClientAborted, network.Node.Loop.Ended[0].Outcome);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    [Theory]
    [InlineData(Http3ErrorCode.GeneralProtocolError)]
    [InlineData(Http3ErrorCode.RequestCancelled)]
    [InlineData(Http3ErrorCode.DatagramError)]
    public void ConnectionClosed_WithAnError_IsAborted(ulong code)
    {
        var (network, client) = Start().WithClient();
        var (tcp, udp) = (client.Connect(), client.ConnectUdp());
        tcp.Send("echo"u8);
        Assert.True(network.Run(() => tcp.BodyLength == 4 && udp.Status == 200));
        client.CloseWith(code);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 2));
        Assert.All(network.Node.Loop.Ended, static t => Assert.Equal(TunnelOutcome.ClientAborted, t.Outcome));
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    [Fact]
    public void ConnectionClosed_UdpTunnelIsOpen_IsCompleted()
    {
        var (network, client) = Start().WithClient();
        var stream = client.ConnectUdp();
        stream.SendDatagram("x"u8);
        Assert.True(network.Run(() => stream.DatagramCount == 1));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(TunnelOutcome.Completed, network.Node.Loop.Ended[0].Outcome);
    }

    [Theory]
    [InlineData(Http3ErrorCode.NoError, false, TunnelOutcome.Completed)]
    [InlineData(Http3ErrorCode.NoError, true, TunnelOutcome.ClientAborted)]
    [InlineData(Http3ErrorCode.RequestCancelled, false, TunnelOutcome.ClientAborted)]
    [InlineData(Http3ErrorCode.RequestCancelled, true, TunnelOutcome.ClientAborted)]
    public void EndedAndStoppedReading_IsCompletedOnlyWithoutAnErrorAndAfterDelivery(
        ulong code, bool cutShort, object outcome)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = cutShort ? 10_000_000 : Size;
        var client = network.Establish();
        var stream = client.Connect();
        stream.SendPattern(500);
        Assert.True(network.Run(() => stream.BodyLength >= Size));
        stream.Finish();
        stream.Stop(code);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(outcome, network.Node.Loop.Ended[0].Outcome);
        var flow = network.Node.Connector.Tcp[0];
        Assert.Equal((500, true), (flow.Delivered, flow.EndDelivered));
        Assert.Equal((TunnelOutcome)outcome == TunnelOutcome.Completed ? (1, 0) : (0, 1), (flow.Closes, flow.Aborts));
        Assert.False(client.IsOver);
    }

    // The last of them is acknowledged with what ends the stream, or later.
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(3300)]
    [InlineData(21_000)]
    [InlineData(22_400)]
    public void EndedAndStoppedReading_AsSoonAsAllArrived_IsCompleted(int size)
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = flow => flow.Source = size;
        var client = network.Establish();
        network.Run(Time.Seconds(1));
        var stream = client.Connect();
        Assert.True(network.Run(() => stream.BodyLength == size));
        stream.Finish();
        stream.Stop(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Loop.Ended.Count == 1));
        Assert.Equal(TunnelOutcome.Completed, network.Node.Loop.Ended[0].Outcome);
    }
}
