using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class CapsuleReaderTests
{
    private const ulong UnknownType = 0x2B;

    private static byte[] Mixed => new CapsuleStream()
        .Add(CapsuleType.Datagram, [0, 1, 2, 3])
        .Add(UnknownType, new byte[70])
        .Add(CapsuleType.Datagram, [])
        .Add(UnknownType, [])
        .Add(0x3FFF_FFFF, new byte[3])
        .Add(CapsuleType.Datagram, Enumerable.Repeat((byte)0x5A, 300).ToArray())
        .Add(CapsuleType.Datagram, [2, 9])
        .Bytes;

    private static string[] MixedDatagrams => ["00010203", "", string.Concat(Enumerable.Repeat("5A", 300)), "0209"];

    [Fact]
    public void Read_WholeStreamAtOnce_FindsEveryDatagram()
    {
        var reader = new CapsuleReader();

        Assert.Equal(MixedDatagrams, CapsuleStream.ReadAll(reader, Mixed));
        Assert.True(reader.IsAtBoundary);
    }

    [Fact]
    public void Read_SplitAtEveryByteBoundary_FindsTheSame()
    {
        var bytes = Mixed;
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(MixedDatagrams, CapsuleStream.ReadAll(new CapsuleReader(), bytes[..cut], bytes[cut..]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Read_InSmallPieces_FindsTheSame(int size)
    {
        var reader = new CapsuleReader();

        Assert.Equal(MixedDatagrams, CapsuleStream.ReadAll(reader, CapsuleStream.Cut(Mixed, size)));
        Assert.True(reader.IsAtBoundary);
        Assert.Equal(0, reader.BufferSize);
    }

    [Fact]
    public void Read_RandomCapsulesRandomlySplit_FindsEveryDatagram()
    {
        var capsule =
            from type in Gen.OneOf(Gen.Constant(CapsuleType.Datagram), Properties.Varint)
            from value in Properties.Bytes(40)
            select (Type: type, Value: value);
        var streams =
            from capsules in Gen.ListOf(capsule)
            from seed in Gen.Choose(0, int.MaxValue)
            from maxSize in Gen.Choose(1, 60)
            select (Capsules: capsules, Seed: seed, MaxSize: maxSize);

        Properties.Check(streams, sample =>
        {
            var stream = new CapsuleStream();
            foreach (var (type, value) in sample.Capsules)
                stream.Add(type, value);
            var expected = sample.Capsules
                .Where(c => c.Type == CapsuleType.Datagram)
                .Select(c => Convert.ToHexString(c.Value));

            var reader = new CapsuleReader();
            var pieces = CapsuleStream.Cut(stream.Bytes, new Random(sample.Seed), sample.MaxSize);
            Assert.Equal(expected, CapsuleStream.ReadAll(reader, pieces));
            Assert.True(reader.IsAtBoundary);
        });
    }

    [Fact]
    public void Read_LongFormsOfTypeAndLength_AreRead()
    {
        var bytes = Convert.FromHexString("C000000000000000" + "80000002" + "0042");

        Assert.Equal(["0042"], CapsuleStream.ReadAll(new CapsuleReader(), bytes));
        Assert.Equal(["0042"], CapsuleStream.ReadAll(new CapsuleReader(), CapsuleStream.Cut(bytes, 1)));
    }

    [Fact]
    public void Read_CapsuleWithinTheInput_IsASliceOfIt()
    {
        var bytes = new CapsuleStream().Add(CapsuleType.Datagram, [0, 7, 8]).Bytes;
        var reader = new CapsuleReader();
        ReadOnlySpan<byte> source = bytes;

        Assert.Equal(CapsuleReadResult.Datagram, reader.Read(ref source, out var payload));
        Assert.True(payload == bytes.AsSpan(2));
        Assert.True(source.IsEmpty);
        Assert.Equal(0, reader.BufferSize);
    }

    [Fact]
    public void Read_HeaderSplitFromValue_IsStillASliceOfTheInput()
    {
        var reader = new CapsuleReader();
        ReadOnlySpan<byte> header = [0, 3];
        byte[] value = [0, 7, 8, 0];
        Assert.Equal(CapsuleReadResult.NeedMore, reader.Read(ref header, out _));

        ReadOnlySpan<byte> source = value;
        Assert.Equal(CapsuleReadResult.Datagram, reader.Read(ref source, out var payload));
        Assert.True(payload == value.AsSpan(0, 3));
        Assert.Equal(1, source.Length);
    }

    // RFC 9297 §3.3: a capsule that is truncated at the end of the stream makes the message malformed.
    [Fact]
    public void IsAtBoundary_InsideACapsule_IsFalse()
    {
        var bytes = new CapsuleStream().Add(CapsuleType.Datagram, [0, 1]).Add(0x4000, [1, 2, 3]).Bytes;
        var reader = new CapsuleReader();
        Assert.True(reader.IsAtBoundary);
        for (var i = 0; i < bytes.Length; i++)
        {
            CapsuleStream.ReadAll(reader, [bytes[i]]);
            Assert.Equal(i is 3 || i == bytes.Length - 1, reader.IsAtBoundary);
        }
    }

    [Fact]
    public void Read_UnknownCapsuleOfAnyLength_IsSkippedWithoutABuffer()
    {
        var reader = new CapsuleReader();
        CapsuleStream.ReadAll(reader, new CapsuleStream().AddHeader(UnknownType, VariableLengthInteger.MaxValue).Bytes);
        var piece = new byte[100_000];
        for (var i = 0; i < 50; i++)
        {
            CapsuleStream.ReadAll(reader, piece);
            Assert.Equal(0, reader.BufferSize);
        }

        Assert.False(reader.IsAtBoundary);
    }

    [Fact]
    public void Read_UnknownCapsuleOfSeveralPieces_IsFollowedByTheNext()
    {
        var bytes = new CapsuleStream().Add(UnknownType, new byte[200_000]).Add(CapsuleType.Datagram, [0, 1]).Bytes;

        Assert.Equal(["0001"], CapsuleStream.ReadAll(new CapsuleReader(), CapsuleStream.Cut(bytes, 1500)));
    }

    // RFC 9298 §5: a payload of 65527 bytes is the longest, whichever way the context ID is encoded.
    [Theory]
    [InlineData("00")]
    [InlineData("4000")]
    [InlineData("80000000")]
    [InlineData("C000000000000000")]
    public void Read_LongestPayloadOfContextZero_IsADatagram(string contextId)
    {
        byte[] value = [.. Convert.FromHexString(contextId), .. new byte[HttpDatagram.MaxUdpPayload]];
        var bytes = new CapsuleStream().Add(CapsuleType.Datagram, value).Bytes;
        string[] expected = [Convert.ToHexString(value)];

        Assert.Equal(expected, CapsuleStream.ReadAll(new CapsuleReader(), bytes));
        Assert.Equal(expected, CapsuleStream.ReadAll(new CapsuleReader(), CapsuleStream.Cut(bytes, 1)));
        Assert.Equal(expected, CapsuleStream.ReadAll(new CapsuleReader(), CapsuleStream.Cut(bytes, 1200)));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("4000")]
    [InlineData("80000000")]
    [InlineData("C000000000000000")]
    public void Read_OneByteTooManyForContextZero_IsAViolationAtTheContextId(string contextId)
    {
        var id = Convert.FromHexString(contextId);
        var bytes = new CapsuleStream()
            .AddHeader(CapsuleType.Datagram, (ulong)id.Length + HttpDatagram.MaxUdpPayload + 1)
            .AddRaw(id)
            .Bytes;
        var reader = new CapsuleReader();

        Assert.Equal([nameof(CapsuleReadResult.PayloadTooLarge)], CapsuleStream.ReadAll(reader, bytes));
        Assert.Equal(
            [nameof(CapsuleReadResult.PayloadTooLarge)],
            CapsuleStream.ReadAll(new CapsuleReader(), CapsuleStream.Cut(bytes, 1)));

        ReadOnlySpan<byte> more = [0, 0];
        Assert.Equal(CapsuleReadResult.PayloadTooLarge, reader.Read(ref more, out _));
        Assert.False(reader.IsAtBoundary);
        Assert.Equal(0, reader.BufferSize);
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(70_000)]
    [InlineData(200_000)]
    public void Read_OversizedDatagramOfAnUnknownContext_IsSkippedWithoutABuffer(int length)
    {
        var value = new byte[length];
        value[0] = 0x40;
        value[1] = 0x02;
        var bytes = new CapsuleStream().Add(CapsuleType.Datagram, value).Add(CapsuleType.Datagram, [0, 1]).Bytes;

        foreach (var size in (int[])[1, 1200, bytes.Length])
        {
            var reader = new CapsuleReader();
            var found = new List<string>();
            foreach (var piece in CapsuleStream.Cut(bytes, size))
            {
                found.AddRange(CapsuleStream.ReadAll(reader, piece));
                Assert.InRange(reader.BufferSize, 0, 2048);
            }

            Assert.Equal(["0001"], found);
        }
    }

    [Fact]
    public void Read_LongDatagramOfAnUnknownContextThatFits_IsHandedOut()
    {
        var value = new byte[CapsuleReader.MaxCapsuleValue];
        value[0] = 2;
        var bytes = new CapsuleStream().Add(CapsuleType.Datagram, value).Bytes;

        Assert.Equal([Convert.ToHexString(value)], CapsuleStream.ReadAll(new CapsuleReader(), bytes));
        Assert.Equal([Convert.ToHexString(value)], CapsuleStream.ReadAll(new CapsuleReader(), bytes[..4], bytes[4..]));
    }

    [Fact]
    public void BufferSize_LongCapsuleAnnounced_GrowsWithWhatArrived()
    {
        var reader = new CapsuleReader();
        Assert.Equal(0, reader.BufferSize);

        CapsuleStream.ReadAll(reader, new CapsuleStream().AddHeader(CapsuleType.Datagram, 65528).Bytes);
        Assert.Equal(0, reader.BufferSize);
        CapsuleStream.ReadAll(reader, new byte[1]);
        Assert.InRange(reader.BufferSize, 1, 4096);
        CapsuleStream.ReadAll(reader, new byte[65526]);
        Assert.InRange(reader.BufferSize, 65527, 65536);
        CapsuleStream.ReadAll(reader, new byte[1]);
        Assert.Equal(0, reader.BufferSize);
    }

    [Fact]
    public void Release_InsideACapsule_StartsOver()
    {
        var reader = new CapsuleReader();
        CapsuleStream.ReadAll(reader, (byte[])[0, 9, 0, 1, 2]);
        Assert.NotEqual(0, reader.BufferSize);

        reader.Release();

        Assert.Equal(0, reader.BufferSize);
        Assert.True(reader.IsAtBoundary);
        Assert.Equal(MixedDatagrams, CapsuleStream.ReadAll(reader, Mixed));
    }

    [Fact]
    public void Read_WithoutSplitCapsules_AllocatesNothing()
    {
        var reader = new CapsuleReader();
        var bytes = Mixed;
        Drain(reader, bytes);

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Drain(reader, bytes);
        }));
    }

    private static void Drain(CapsuleReader reader, ReadOnlySpan<byte> source)
    {
        while (reader.Read(ref source, out _) == CapsuleReadResult.Datagram)
        {
        }
    }
}
