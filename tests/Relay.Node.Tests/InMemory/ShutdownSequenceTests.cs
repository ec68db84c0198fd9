using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>docs/reference.md#5-lifecycle: GOAWAY, no new connection or tunnel, open tunnels run, then H3_NO_ERROR.</summary>
public class ShutdownSequenceTests : InMemoryTests
{
    private const ulong Highest = (1ul << 62) - 4;

    [Fact]
    public void Drain_ConnectionWithoutTunnels_HearsGoAwayThenNoError()
    {
        var (network, client) = Start().WithClient();
        var done = client.Connect();
        done.Finish();
        Assert.True(network.Run(() => done.IsClosed));
        network.Node.Drain();
        var goAwayFirst = false;
        Assert.True(network.Run(() =>
        {
            goAwayFirst |= client.GoAwayReceived && !client.IsOver;
            return client.IsOver;
        }));
        Assert.True(goAwayFirst);
        client.AssertClosed(Http3ErrorCode.NoError);
        // RFC 9114 §5.2: identifiers never rise; the last names the first request that was not served.
        Assert.Equal([Highest, 4ul], ControlStream.ReadGoAways(client.ControlStreamOfNode));
    }

    [Fact]
    public void Drain_OpenTransfer_FinishesAndThenTheConnectionEnds()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (20_000_000, true);
        var client = network.Establish(new ClientSettings { Path = PathConditions.Lossy(0.01) });
        var transfer = client.Connect();
        transfer.KeepsBody = false;
        Assert.True(network.Run(() => transfer.BodyLength > 100_000));
        network.Node.Drain();
        transfer.Finish();
        Assert.True(network.Run(() => transfer.Ended));
        Assert.Equal(20_000_000, transfer.BodyLength);
        Assert.True(transfer.BodyIsPattern);
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(TunnelOutcome.Completed, Assert.Single(network.Node.Loop.Ended).Outcome);
    }

    [Fact]
    public void Drain_NewTunnel_IsRefusedWithRetryAfter_OpenOnesGoOn()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var open = network.Answered(client.ConnectUdp());
        // The requests are on their way when the GOAWAY is.
        link.Down.Filter = static _ => false;
        network.Node.Drain();
        var late = (TestStream[])[client.Connect(), client.ConnectUdp()];
        Assert.True(network.Run(() => network.Node.Loop.Counters.RefusedDraining == 2));
        link.Down.Filter = static _ => true;
        foreach (var refused in late)
        {
            Assert.True(network.Run(() => refused.IsAnswered));
            Assert.Equal(503, refused.Status);
            Assert.Equal("1", refused.Headers["retry-after"]);
        }
        Assert.True(network.Run(() => client.GoAwayReceived));
        open.SendDatagram("still here"u8);
        Assert.True(network.Run(() => open.Datagrams.Count == 1));
        open.Finish();
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
    }

    [Fact]
    public void Drain_HandshakeUnderWay_IsCompletedAndThenHearsGoAwayAndNoError()
    {
        var network = Start();
        var client = network.AddClient();
        Assert.True(network.Run(() => network.Node.Loop.Counters.HandshakesPending == 1));
        network.Node.Drain();
        Assert.True(network.Run(() => client.GoAwayReceived));
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
    }

    [Fact]
    public void Drain_Deadline_TunnelsAreEndedByForceAndCounted()
    {
        var (network, client) = Start().WithClient();
        var (tcp, udp) = network.Tunnels(client);
        network.Node.Drain();
        network.Run(Time.Seconds(20));
        Assert.False(client.IsOver);
        network.Node.ForceClose();
        Assert.True(network.Run(() => client.IsOver));
        client.AssertClosed(Http3ErrorCode.NoError);
        Assert.Equal(2, network.Node.Loop.Counters.Ended(TunnelOutcome.ForceClosed));
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }
}
