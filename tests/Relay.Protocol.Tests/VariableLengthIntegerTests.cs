namespace Relay.Protocol.Tests;

public class VariableLengthIntegerTests
{
    // RFC 9000 §A.1, with the two-byte form of 37.
    public static TheoryData<string, ulong> SectionA1 => new()
    {
        { "C2197C5EFF14E88C", 151_288_809_941_952_652 },
        { "9D7F3E7D", 494_878_333 },
        { "7BBD", 15_293 },
        { "25", 37 },
        { "4025", 37 },
    };

    [Theory]
    [MemberData(nameof(SectionA1))]
    public void TryRead_Rfc9000SectionA1_GivesTheValue(string encoding, ulong expected)
    {
        var bytes = Convert.FromHexString(encoding);

        Assert.True(VariableLengthInteger.TryRead(bytes, out var value, out var consumed));
        Assert.Equal(expected, value);
        Assert.Equal(bytes.Length, consumed);
    }

    [Theory]
    [InlineData("C2197C5EFF14E88C", 151_288_809_941_952_652)]
    [InlineData("9D7F3E7D", 494_878_333)]
    [InlineData("7BBD", 15_293)]
    [InlineData("25", 37)]
    public void Write_Rfc9000SectionA1_GivesTheShortestEncoding(string encoding, ulong value)
    {
        var destination = new byte[8];

        var written = VariableLengthInteger.Write(destination, value);

        Assert.Equal(encoding, Convert.ToHexString(destination, 0, written));
    }

    // RFC 9000 §16, table 4: the usable bits of each length.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(63, 1)]
    [InlineData(64, 2)]
    [InlineData(16383, 2)]
    [InlineData(16384, 4)]
    [InlineData(1073741823, 4)]
    [InlineData(1073741824, 8)]
    [InlineData(VariableLengthInteger.MaxValue, 8)]
    public void GetLength_AtTheLimitsOfTable4_IsTheShortest(ulong value, int expected)
    {
        var destination = new byte[8];

        Assert.Equal(expected, VariableLengthInteger.GetLength(value));
        Assert.Equal(expected, VariableLengthInteger.Write(destination, value));
        Assert.True(VariableLengthInteger.TryRead(destination, out var read, out var consumed));
        Assert.Equal((value, expected), (read, consumed));
    }

    [Theory]
    [InlineData(VariableLengthInteger.MaxValue + 1)]
    [InlineData(ulong.MaxValue)]
    public void Write_AboveTheMaximum_Throws(ulong value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VariableLengthInteger.GetLength(value));
        Assert.Throws<ArgumentOutOfRangeException>(() => VariableLengthInteger.TryWrite(new byte[8], value, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => VariableLengthInteger.Write(new byte[8], value));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(64, 1)]
    [InlineData(16384, 3)]
    [InlineData(1073741824, 7)]
    public void Write_ShortDestination_LeavesItUntouched(ulong value, int length)
    {
        var destination = new byte[length];

        Assert.False(VariableLengthInteger.TryWrite(destination, value, out var written));
        Assert.Equal(0, written);
        Assert.All(destination, b => Assert.Equal(0, b));
        Assert.Throws<ArgumentException>(() => VariableLengthInteger.Write(destination, value));
    }

    [Fact]
    public void TryRead_EveryPrefixOfAnEncoding_NeedsMore() =>
        Properties.Check(Properties.Varint, value =>
        {
            var bytes = new byte[8];
            var length = VariableLengthInteger.Write(bytes, value);
            for (var cut = 0; cut < length; cut++)
            {
                Assert.False(VariableLengthInteger.TryRead(bytes.AsSpan(0, cut), out var none, out var consumed));
                Assert.Equal((0UL, 0), (none, consumed));
            }
        });

    [Fact]
    public void TryRead_WhatWriteWrote_RoundTrips() =>
        Properties.Check(Properties.Varint, value =>
        {
            var bytes = new byte[12];
            Array.Fill(bytes, (byte)0xFF);
            var written = VariableLengthInteger.Write(bytes, value);

            Assert.Equal(VariableLengthInteger.GetLength(value), written);
            Assert.True(VariableLengthInteger.TryRead(bytes, out var read, out var consumed));
            Assert.Equal((value, written), (read, consumed));
            Assert.All(bytes[written..], b => Assert.Equal(0xFF, b));
        });
}
