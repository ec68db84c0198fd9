using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>HTTP datagrams and capsules that cannot be (RFC 9297, RFC 9298 §5).</summary>
public class UdpViolationTests : InMemoryTests
{
    [Fact]
    public void Datagram_UnknownContext_IsDroppedAndCounted()
    {
        var network = Start();
        var (_, stream) = Open(network);
        stream.SendDatagram("unknown"u8, context: 2);
        stream.SendCapsule("unknown"u8, context: 1234567);
        stream.SendDatagram("known"u8);
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
        Assert.Equal("known"u8, Assert.Single(network.Node.Connector.Udp[0].Sent));
        Assert.Equal(2, network.Node.Loop.Counters.UpstreamDropsUnknownContext);
    }

    [Fact]
    public void Datagram_ForATcpTunnel_ResetsTheStreamWithDatagramError()
    {
        var (network, client) = Start().WithClient();
        var stream = client.Connect();
        var other = client.ConnectUdp();
        Assert.True(network.Run(() => stream.Status == 200 && other.Status == 200));
        client.SendDatagram(stream.Id, "no datagrams here"u8);
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Http3ErrorCode.DatagramError, stream.ResetCode);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
        Assert.Equal(TunnelOutcome.ProtocolViolation, Assert.Single(network.Node.Loop.Ended).Outcome);
        other.SendDatagram("goes on"u8);
        Assert.True(network.Run(() => other.Datagrams.Count == 1));
    }

    [Theory]
    [InlineData("")] // no quarter stream ID
    [InlineData("40")] // half of one
    [InlineData("d000000000000000")] // 2^60
    [InlineData("ffffffffffffffff")] // 2^62 - 1
    public void Datagram_QuarterStreamIdThatCannotBe_EndsTheConnection(string frame)
    {
        var network = Start();
        var (client, _) = Open(network);
        client.SendFrame(Convert.FromHexString(frame));
        Assert.True(network.Run(() => client.State == QuicState.Draining));
        client.AssertClosed(Http3ErrorCode.DatagramError);
        Assert.Equal(1, network.Node.Connector.Udp[0].Closes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Datagram_WithoutContextId_AbortsTheStream(bool inFrame)
    {
        var network = Start();
        var (client, stream) = Open(network);
        if (inFrame)
            client.SendFrame([0]);
        else
            stream.Send(Capsules.Header(CapsuleType.Datagram, 0));
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.NotNull(stream.ResetCode);
        Assert.Equal(TunnelOutcome.ProtocolViolation, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Capsule_LongestPayload_IsForwarded()
    {
        var network = Start();
        var (_, stream) = Open(network);
        stream.SendCapsule(new byte[HttpDatagram.MaxUdpPayload]);
        Assert.True(network.Run(() => network.Node.Connector.Udp[0].Sent.Count == 1));
        Assert.Equal(HttpDatagram.MaxUdpPayload, network.Node.Connector.Udp[0].Sent[0].Length);
    }

    [Fact]
    public void Capsule_PayloadTooLong_AbortsTheStream()
    {
        // RFC 9298 §5: "… longer than 65527 MUST abort the corresponding stream".
        var network = Start();
        var (client, stream) = Open(network);
        stream.SendCapsule(new byte[HttpDatagram.MaxUdpPayload + 1]);
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.NotNull(stream.ResetCode);
        Assert.Empty(network.Node.Connector.Udp[0].Sent);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Capsule_CutShortByTheEnd_IsMalformed()
    {
        // RFC 9297 §3.3: a truncated capsule makes the message malformed: RFC 9114 §4.1.2, H3_MESSAGE_ERROR.
        var network = Start();
        var (client, stream) = Open(network);
        stream.Send(Capsules.Header(CapsuleType.Datagram, 100));
        stream.Send(new byte[99]);
        stream.Finish();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Http3ErrorCode.MessageError, stream.ResetCode);
        Assert.Equal(TunnelOutcome.ProtocolViolation, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Capsule_OfUnknownTypeAndAnyLength_IsSkippedWithoutMemory()
    {
        var network = Start();
        var (_, stream) = Open(network);
        stream.Send(Capsules.Header(0x2f3, 3_000_000));
        stream.SendPattern(3_000_000);
        Assert.True(network.Run(() => stream.Pending == 0));
        stream.SendCapsule("after"u8);
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
    }

    private static (TestClient Client, TestStream Stream) Open(Network network)
    {
        var client = network.Establish();
        var stream = network.Answered(client.ConnectUdp());
        return (client, stream);
    }
}
