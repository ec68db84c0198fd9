using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Server;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What costs a client little must not cost the node much.</summary>
public class AbuseTests : InMemoryTests
{
    [Theory]
    [InlineData(20, false)]
    [InlineData(100, true)]
    public void HeaderSection_TooLargeIsAnswered_EndlessEndsTheConnection(int fields, bool ends)
    {
        var (network, client) = Start().WithClient();
        var stream = client.Request(
        [
            (":method", "CONNECT"), (":authority", "target.test:80"),
            .. Enumerable.Range(0, fields).Select(static i => ($"x-{i}", new string('x', 1000))),
        ]);
        if (!ends)
        {
            Assert.True(network.Run(() => stream.Status is 400 or 431));
            Assert.False(client.IsOver);
        }
        else
        {
            Assert.True(network.Run(() => network.Node.Closed.Count == 1));
            Assert.Equal((CloseKind.Application, Http3ErrorCode.ExcessiveLoad),
                (network.Node.Closed[0].Kind, network.Node.Closed[0].Code));
        }
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void StatelessResets_AFloodOfShortPackets_AreLimited()
    {
        var network = Start();
        var packet = new byte[100];
        packet[0] = 0x40;
        for (var i = 0; i < 30_000; i++)
        {
            BitConverter.TryWriteBytes(packet.AsSpan(1), i);
            network.Node.Receive(new Packet(
                packet.AsSpan().ToArray(), Network.Endpoint(9, 9), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(10));
        Assert.InRange(network.Node.Loop.Counters.StatelessResetsSent, 500, 1_100);
    }

    [Fact]
    public void VersionNegotiations_AFloodOfUnknownVersions_AreLimited()
    {
        var network = Start();
        var packet = new byte[1200];
        (packet[0], packet[1]) = (0xc0, 0x1a);
        for (var i = 0; i < 30_000; i++)
        {
            // RFC 8999 §5.1: behind the version the length of a connection ID, and that.
            packet[5] = 8;
            BitConverter.TryWriteBytes(packet.AsSpan(6), i);
            network.Node.Receive(new Packet(
                packet.AsSpan().ToArray(), Network.Endpoint(9, 9), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(10));
        var counters = network.Node.Loop.Counters;
        Assert.InRange(counters.VersionNegotiationsSent, 500, 1_100);
        Assert.Equal(30_000, counters.VersionNegotiationsSent + counters.Discarded[(int)PacketDiscard.Unknown]);
        // Nobody else is refused for it.
        network.Establish();
    }

    [Fact]
    public void AnswerLimit_OverTime_LetsItsRatePass()
    {
        var limit = new AnswerLimit(100);
        var passed = 0;
        for (var time = 0ul; time < Time.Seconds(10); time += Time.Milliseconds(1))
            passed += limit.TryTake(Time.Seconds(5) + time) ? 1 : 0;
        Assert.InRange(passed, 1000, 1100);
    }
}
