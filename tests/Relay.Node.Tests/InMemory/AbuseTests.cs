using System.Buffers.Binary;
using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Server;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What costs a client little must not cost the node much.</summary>
public class AbuseTests : InMemoryTests
{
    /// <summary>The first byte of a token of a Retry, as ngtcp2's helpers make them.</summary>
    private const byte RetryToken = 0xb7;

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

    /// <summary>Tokens as of a Retry, which no key of the node's has made: RFC 9000 §8.1.3 has them refused with INVALID_TOKEN.</summary>
    [Fact]
    public void InvalidTokens_AFloodOfThem_IsAnsweredAThousandTimesASecond()
    {
        var network = Start();
        var packet = new byte[1200];
        byte[] head = [0xc0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 57, RetryToken];
        head.CopyTo(packet, 0);
        // Behind the token the length of the rest.
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(17 + 57), (ushort)(0x4000 | (packet.Length - 17 - 57 - 2)));
        for (var i = 0; i < 30_000; i++)
        {
            BitConverter.TryWriteBytes(packet.AsSpan(6), i);
            network.Node.Receive(new Packet(
                packet.AsSpan().ToArray(), Network.Endpoint(9, 9), InMemoryNode.Address, 0));
        }
        network.Run(Time.Milliseconds(10));
        Assert.InRange(network.Stray.Count, 500, 1_100);
        Assert.Equal(30_000, network.Stray.Count + network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Unknown]);
        Assert.Equal(0, network.Node.Loop.Counters.ConnectionsAccepted);
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
