using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class ConnectionIdLayoutTests
{
    private static byte[] Random => [0xA0, 0xA1, 0xA2, 0xA3];

    [Fact]
    public void Write_LoopNodeAndRandom_AreInThatOrder()
    {
        var id = new byte[ConnectionIdLayout.Length];

        ConnectionIdLayout.Write(id, 7, 0x0102, Random);

        Assert.Equal("070102A0A1A2A3", Convert.ToHexString(id));
    }

    // printf %s edge-lon-1 | sha256sum
    [Theory]
    [InlineData("edge-lon-1", 0xd674)]
    [InlineData("", 0xe3b0)]
    public void NodeIdOf_Name_IsTheBeginningOfItsHash(string name, uint expected) =>
        Assert.Equal(expected, ConnectionIdLayout.NodeIdOf(name));

    [Fact]
    public void TryRead_WhatWriteWrote_RoundTrips() =>
        Properties.Check(
            from loop in Properties.Byte
            from node in Gen.Choose(0, (int)ConnectionIdLayout.MaxNodeId)
            from random in Gen.ArrayOf(Properties.Byte, ConnectionIdLayout.RandomLength)
            select (Loop: loop, Node: (uint)node, Random: random),
            sample =>
            {
                var id = new byte[ConnectionIdLayout.Length];
                ConnectionIdLayout.Write(id, sample.Loop, sample.Node, sample.Random);

                Assert.True(ConnectionIdLayout.TryRead(id, out var loop, out var node));
                Assert.Equal((sample.Loop, sample.Node), (loop, node));
                Assert.Equal(sample.Random, id[3..]);
            });

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(20)]
    public void TryRead_OtherLength_IsFalse(int length)
    {
        Assert.False(ConnectionIdLayout.TryRead(new byte[length], out var loop, out var node));
        Assert.Equal((0, 0u), (loop, node));
    }

    [Fact]
    public void Write_WrongArguments_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionIdLayout.Write(new byte[7], 0, 0x10000, Random));
        Assert.Throws<ArgumentException>(() => ConnectionIdLayout.Write(new byte[6], 0, 0, Random));
        Assert.Throws<ArgumentException>(() => ConnectionIdLayout.Write(new byte[7], 0, 0, new byte[3]));
        Assert.Throws<ArgumentException>(() => ConnectionIdLayout.Write(new byte[7], 0, 0, new byte[5]));
    }

    // The client Initial of RFC 9001 §A.2: version 1, DCID 8394c8f03e515708, no SCID.
    [Fact]
    public void TryReadDestination_Rfc9001SectionA2_GivesTheClientsChoice()
    {
        var packet = Convert.FromHexString("C300000001088394C8F03E5157080000449E00000002");

        Assert.True(ConnectionIdLayout.IsLongHeader(packet));
        Assert.True(ConnectionIdLayout.TryReadVersion(packet, out var version));
        Assert.Equal(1u, version);
        Assert.True(ConnectionIdLayout.TryReadDestination(packet, out var id));
        Assert.Equal("8394C8F03E515708", Convert.ToHexString(id));
    }

    // RFC 8999 §5.1: up to 255 bytes, whatever the version.
    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(255)]
    public void TryReadDestination_LongHeaderOfAnyVersion_GivesTheWholeId(int length)
    {
        var expected = Enumerable.Range(0, length).Select(i => (byte)i);
        byte[] packet = [0x80, 0xFA, 0xCE, 0xB0, 0x0C, (byte)length, .. expected];

        Assert.True(ConnectionIdLayout.TryReadDestination(packet, out var id));
        Assert.Equal(expected, id.ToArray());
        Assert.True(ConnectionIdLayout.TryReadVersion(packet, out var version));
        Assert.Equal(0xFACEB00Cu, version);
        for (var cut = 0; cut < packet.Length; cut++)
        {
            Assert.False(ConnectionIdLayout.TryReadDestination(packet.AsSpan(0, cut), out var none));
            Assert.True(none.IsEmpty);
        }
    }

    // RFC 8999 §5.2: no length on the wire, so that of the node's own IDs.
    [Fact]
    public void TryReadDestination_ShortHeader_GivesSevenBytes()
    {
        var packet = new byte[40];
        packet[0] = 0x40;
        ConnectionIdLayout.Write(packet.AsSpan(1), 3, 42, Random);

        Assert.False(ConnectionIdLayout.IsLongHeader(packet));
        Assert.False(ConnectionIdLayout.TryReadVersion(packet, out _));
        Assert.True(ConnectionIdLayout.TryReadDestination(packet, out var id));
        Assert.True(ConnectionIdLayout.TryRead(id, out var loop, out var node));
        Assert.Equal((3, 42u), (loop, node));
        Assert.True(ConnectionIdLayout.TryReadDestination(packet.AsSpan(0, 8), out _));
        Assert.False(ConnectionIdLayout.TryReadDestination(packet.AsSpan(0, 7), out _));
    }

    [Fact]
    public void TryReadDestination_EmptyPacket_IsFalse()
    {
        Assert.False(ConnectionIdLayout.IsLongHeader([]));
        Assert.False(ConnectionIdLayout.TryReadDestination([], out _));
        Assert.False(ConnectionIdLayout.TryReadVersion([], out _));
        Assert.False(ConnectionIdLayout.TryReadVersion([0x80, 0, 0, 0], out _));
    }
}
