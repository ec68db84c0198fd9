using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class ChecksumTests
{
    [Fact]
    public void Checksum_StreamCutAnywhere_IsTheSame()
    {
        var random = new Random(11);
        var whole = new byte[1000];
        random.NextBytes(whole);
        for (var round = 0; round < 500; round++)
        {
            var length = random.Next(whole.Length);
            var cut = new Checksum();
            for (var at = 0; at < length;)
            {
                var part = Math.Min(random.Next(100), length - at);
                cut.Append(whole.AsSpan(at, part));
                at += part;
            }
            Assert.Equal(Of(whole.AsSpan(0, length)), cut.Value);
            Assert.Equal((ulong)length, cut.Length);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(1000)]
    public void Checksum_OneBitFlipped_Differs(int length)
    {
        var data = new byte[length];
        BytePattern.FillStream(data, 0);
        var original = Of(data);
        for (var bit = 0; bit < length * 8; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(original, Of(data));
            data[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Checksum_StripesSwapped_Differs()
    {
        var data = new byte[128];
        BytePattern.FillStream(data, 0);
        byte[] swapped = [.. data[32..64], .. data[..32], .. data[64..]];
        Assert.NotEqual(Of(data), Of(swapped));
    }

    [Fact]
    public void Checksum_ZerosOfOtherLengths_Differ() =>
        Assert.Equal(200, Enumerable.Range(0, 200).Select(length => Of(new byte[length])).Distinct().Count());

    private static ulong Of(ReadOnlySpan<byte> data)
    {
        var checksum = new Checksum();
        checksum.Append(data);
        return checksum.Value;
    }
}
