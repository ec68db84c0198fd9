namespace Relay.Protocol.Tests;

public class HttpDatagramTests
{
    // RFC 9297 §2.1: quarter stream ID first; RFC 9298 §5: the context ID directly follows it.
    [Fact]
    public void Read_UdpDatagramOfStream44_GivesQuarterStreamIdContextIdAndPayload()
    {
        byte[] frame = [0x0B, 0x00, (byte)'h', (byte)'i'];

        Assert.Equal(HttpDatagramReadResult.Success, HttpDatagram.Read(frame, out var quarter, out var consumed));
        Assert.Equal(11UL, quarter);
        Assert.True(HttpDatagram.ReadContextId(frame.AsSpan(consumed), out var context, out var contextLength));
        Assert.Equal(HttpDatagram.UdpPayloadContextId, context);
        Assert.Equal("hi"u8, frame.AsSpan(consumed + contextLength));
    }

    [Theory]
    [InlineData("")]
    [InlineData("40")]
    [InlineData("C0FFFFFFFFFFFF")]
    public void Read_TooShortForTheQuarterStreamId_IsTruncated(string frame)
    {
        var result = HttpDatagram.Read(Convert.FromHexString(frame), out var quarter, out var consumed);

        Assert.Equal((HttpDatagramReadResult.Truncated, 0UL, 0), (result, quarter, consumed));
    }

    [Theory]
    [InlineData("CFFFFFFFFFFFFFFF", HttpDatagramReadResult.Success)]
    [InlineData("D000000000000000", HttpDatagramReadResult.InvalidQuarterStreamId)]
    [InlineData("FFFFFFFFFFFFFFFF", HttpDatagramReadResult.InvalidQuarterStreamId)]
    public void Read_AroundTheLargestQuarterStreamId_TellsWhatCannotBe(string frame, HttpDatagramReadResult expected)
    {
        var result = HttpDatagram.Read(Convert.FromHexString(frame), out var quarter, out _);

        Assert.Equal(expected, result);
        Assert.Equal(expected == HttpDatagramReadResult.Success ? HttpDatagram.MaxQuarterStreamId : 0, quarter);
    }

    [Fact]
    public void ReadContextId_EmptyPayload_NeedsMore() =>
        Assert.False(HttpDatagram.ReadContextId([], out _, out _));

    [Theory]
    [InlineData(0, 0, "0000")]
    [InlineData(4, 0, "0100")]
    [InlineData(252, 2, "3F02")]
    [InlineData(256, 63, "40403F")]
    [InlineData(4611686018427387900, VariableLengthInteger.MaxValue, "CFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    public void WritePrefix_StreamAndContext_WritesTheQuarterOfTheStreamFirst(
        long stream, ulong context, string expected)
    {
        var destination = new byte[HttpDatagram.MaxPrefixLength];

        var written = HttpDatagram.WritePrefix(destination, stream, context);

        Assert.Equal(expected, Convert.ToHexString(destination, 0, written));
        Assert.Equal(written, HttpDatagram.GetPrefixLength(stream, context));
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4611686018427387904)]
    [InlineData(long.MaxValue)]
    public void WritePrefix_NotAClientBidirectionalStream_Throws(long stream) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HttpDatagram.WritePrefix(new byte[16], stream, 0));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WritePrefix_ShortDestination_Throws(int length) =>
        Assert.Throws<ArgumentException>(() => HttpDatagram.WritePrefix(new byte[length], 0, 0));

    [Fact]
    public void Read_WhatWritePrefixWrote_RoundTrips() =>
        Properties.Check(Properties.Varint, value =>
        {
            var streamId = (long)(value & ~3UL);
            var bytes = new byte[HttpDatagram.MaxPrefixLength];
            var written = HttpDatagram.WritePrefix(bytes, streamId, value);

            Assert.Equal(HttpDatagramReadResult.Success, HttpDatagram.Read(bytes, out var quarter, out var first));
            Assert.True(HttpDatagram.ReadContextId(bytes.AsSpan(first), out var context, out var second));
            Assert.Equal((streamId, value, written), ((long)quarter * 4, context, first + second));
        });

    [Fact]
    public void MaxUdpPayload_Rfc9298Section5_Is65527() => Assert.Equal(65527, HttpDatagram.MaxUdpPayload);
}
