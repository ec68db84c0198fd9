using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class BytePatternTests
{
    [Fact]
    public void FillStream_InPieces_IsTheWhole()
    {
        var whole = new byte[1000];
        BytePattern.FillStream(whole, 0);
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var start = random.Next(whole.Length);
            var piece = new byte[random.Next(whole.Length - start + 1)];
            BytePattern.FillStream(piece, start);
            Assert.Equal(whole.AsSpan(start, piece.Length).ToArray(), piece);
        }
    }

    [Fact]
    public void FillStream_FarInTheStream_DoesNotRepeat()
    {
        var first = new byte[64];
        var far = new byte[64];
        BytePattern.FillStream(first, 0);
        BytePattern.FillStream(far, 1L << 40);
        Assert.NotEqual(first, far);
    }

    [Fact]
    public void BodyMatches_WhatWasSent_AndNothingElse()
    {
        const int Size = 1100;
        var header = new PayloadHeader(77, 3, 5);
        var payload = new byte[Size];
        header.Write(payload);
        BytePattern.Body(77, Size - PayloadHeader.Size).CopyTo(payload.AsSpan(PayloadHeader.Size));

        Assert.True(PayloadHeader.TryRead(payload, out var read));
        Assert.Equal(header, read);
        Assert.True(read.BodyMatches(payload, Size));
        Assert.False(read.BodyMatches(payload.AsSpan(0, Size - 1), Size));
        Assert.False((header with { Sequence = 78 }).BodyMatches(payload, Size));
        payload[^1] ^= 1;
        Assert.False(read.BodyMatches(payload, Size));
        Assert.False(PayloadHeader.TryRead(payload.AsSpan(0, PayloadHeader.Size - 1), out _));
    }

    [Fact]
    public void Body_OfNeighbours_DiffersNearlyEverywhere()
    {
        var one = BytePattern.Body(1, 1000).ToArray();
        var two = BytePattern.Body(2, 1000).ToArray();
        Assert.True(one.Zip(two).Count(pair => pair.First == pair.Second) < 50);
    }
}
