namespace Relay.Protocol.Tests;

public class CapsuleTests
{
    // RFC 9297 §3.2: type, length, value; §3.5: DATAGRAM is type 0.
    [Theory]
    [InlineData(CapsuleType.Datagram, 0, "0000")]
    [InlineData(CapsuleType.Datagram, 5, "0005")]
    [InlineData(0x17, 64, "174040")]
    [InlineData(VariableLengthInteger.MaxValue, VariableLengthInteger.MaxValue, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    public void WriteHeader_TypeAndLength_InThatOrder(ulong type, ulong length, string expected)
    {
        var destination = new byte[Capsule.MaxHeaderLength];

        var written = Capsule.WriteHeader(destination, type, length);

        Assert.Equal(expected, Convert.ToHexString(destination, 0, written));
        Assert.True(Capsule.TryReadHeader(destination, out var readType, out var readLength, out var consumed));
        Assert.Equal((type, length, written), (readType, readLength, consumed));
    }

    [Fact]
    public void TryReadHeader_EveryPrefix_NeedsMore()
    {
        var header = Convert.FromHexString("9D7F3E7D7BBD");
        for (var cut = 0; cut < header.Length; cut++)
        {
            Assert.False(Capsule.TryReadHeader(header.AsSpan(0, cut), out var type, out var length, out var consumed));
            Assert.Equal((0UL, 0UL, 0), (type, length, consumed));
        }
    }

    [Fact]
    public void WriteHeader_ShortDestination_Throws()
    {
        Assert.Throws<ArgumentException>(() => Capsule.WriteHeader(new byte[1], 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Capsule.WriteHeader(new byte[16], ulong.MaxValue, 0));
    }
}
