using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Tunnels;

[Collection(nameof(MeasuredAllocation))]
public class ByteQueueTests
{
    private const int BlockSize = 64 * 1024;

    [Fact]
    public void Empty_HeadIsEmptyAndClearIsHarmless()
    {
        var queue = new ByteQueue();
        Assert.True(queue.Head.IsEmpty);
        queue.Append([]);
        Assert.Equal(0, queue.Length);
        queue.Clear();
        Assert.True(queue.Head.IsEmpty);
    }

    // A client can leave one byte in each of thousands of tunnels whose targets do not answer.
    [Fact]
    public void Append_OneByte_TakesNoMoreThanASmallBlock()
    {
        var queue = new ByteQueue();
        UpstreamBlocks.Trim();
        var before = GC.GetAllocatedBytesForCurrentThread();
        queue.Append([1]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 5 * 1024);
        queue.Clear();
    }

    [Fact]
    public void Append_Bulk_TakesFewBlocks()
    {
        var queue = new ByteQueue();
        queue.Append(Pattern.Bytes(8 * BlockSize));
        // 4 + 16 + 64 + …, as many as one call can send.
        Assert.InRange(queue.Gather(new ReadOnlyMemory<byte>[16]), 8, 10);
        queue.Clear();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4 * 1024)]
    [InlineData(20 * 1024)]
    [InlineData((20 * 1024) + 1)]
    [InlineData(BlockSize - 1)]
    [InlineData(BlockSize)]
    [InlineData(BlockSize + 1)]
    [InlineData(3 * BlockSize)]
    public void Append_AnyLength_ComesOutInOrder(int length)
    {
        var queue = new ByteQueue();
        queue.Append(Pattern.Bytes(length));
        Assert.Equal(length, queue.Length);
        AssertDrains(ref queue, 0, length);
        // And once more, in what is left of its blocks.
        queue.Append(Pattern.Bytes(length));
        AssertDrains(ref queue, 0, length);
    }

    [Fact]
    public void Advance_ToTheEndOfAFullBlock_NextBlockFollows()
    {
        var queue = new ByteQueue();
        queue.Append(Pattern.Bytes(BlockSize));
        queue.Advance(BlockSize);
        Assert.Equal(0, queue.Length);
        queue.Append("next"u8);
        Assert.Equal("next"u8, queue.Head);
        queue.Clear();
    }

    [Theory]
    [Seeds(3)]
    public void AppendAndAdvance_AtRandom_NoByteIsLostOrMoved(int seed)
    {
        var random = new Random(seed);
        var queue = new ByteQueue();
        long written = 0, read = 0;
        for (var step = 0; step < 5000; step++)
        {
            var choice = random.Next(4);
            if (choice < 2)
            {
                var length = random.Next(random.Next(2) == 0 ? 100 : 2 * BlockSize);
                queue.Append(Pattern.Bytes(length, written));
                written += length;
            }
            else if (choice == 2)
            {
                var gathered = AssertGathers(in queue, read, written);
                var part = random.Next(3) == 0 ? gathered : random.NextInt64(gathered + 1);
                queue.Advance(part);
                read += part;
            }
            else
            {
                var head = queue.Head;
                Assert.Equal(written == read, head.IsEmpty);
                if (!head.IsEmpty)
                {
                    Assert.True(Pattern.Matches(head, read));
                    var part = random.Next(3) == 0 ? head.Length : random.Next(head.Length + 1);
                    queue.Advance(part);
                    read += part;
                }
            }
            Assert.Equal(written - read, queue.Length);
            if (step % 1000 == 999)
            {
                queue.Clear();
                read = written;
            }
        }
        AssertDrains(ref queue, read, written - read);
    }

    private static long AssertGathers(in ByteQueue queue, long read, long written)
    {
        var pieces = new ReadOnlyMemory<byte>[5];
        var count = queue.Gather(pieces);
        Assert.Equal(queue.HasMoreThanHead, count > 1);
        var length = 0L;
        foreach (var piece in pieces.AsSpan(0, count))
        {
            Assert.False(piece.IsEmpty);
            Assert.True(Pattern.Matches(piece.Span, read + length));
            length += piece.Length;
        }
        if (count < pieces.Length)
            Assert.Equal(written - read, length);
        return length;
    }

    private static void AssertDrains(ref ByteQueue queue, long offset, long length)
    {
        while (length > 0)
        {
            var head = queue.Head;
            Assert.False(head.IsEmpty);
            Assert.True(Pattern.Matches(head, offset));
            offset += head.Length;
            length -= head.Length;
            queue.Advance(head.Length);
        }
        Assert.Equal(0, length);
        Assert.Equal(0, queue.Length);
        Assert.True(queue.Head.IsEmpty);
    }
}
