using Relay.Load.Forward;
using Relay.Load.Measure;

namespace Relay.Load.Tests;

public class ForwardTests
{
    [Fact]
    public void BlockingRing_OneThreadWritesAnotherReads_KeepsTheStream()
    {
        const int Total = 1_000_000;
        var ring = new BlockingRing(1000);
        var writer = new Thread(() =>
        {
            var random = new Random(1);
            var buffer = new byte[3000];
            for (var sent = 0; sent < Total;)
            {
                var length = Math.Min(random.Next(1, buffer.Length), Total - sent);
                BytePattern.FillStream(buffer.AsSpan(0, length), sent);
                ring.Write(buffer.AsSpan(0, length));
                sent += length;
            }
            ring.End();
        });
        writer.Start();

        var received = new byte[Total];
        var at = 0;
        int read;
        var block = new byte[700];
        while ((read = ring.Read(block)) > 0)
        {
            block.AsSpan(0, read).CopyTo(received.AsSpan(at));
            at += read;
        }
        writer.Join();
        var expected = new byte[Total];
        BytePattern.FillStream(expected, 0);
        Assert.Equal(Total, at);
        Assert.True(expected.AsSpan().SequenceEqual(received));
        Assert.Equal(-1, ring.TryRead(block));
    }

    [Fact]
    public void DatagramQueue_Full_RefusesAndKeepsOrder()
    {
        var queue = new DatagramQueue(2);
        Assert.True(queue.TryEnqueue([1]));
        Assert.True(queue.TryEnqueue([]));
        Assert.False(queue.TryEnqueue([3]));
        Assert.Equal([1], queue.Peek().ToArray());
        queue.Dequeue();
        Assert.Empty(queue.Peek().ToArray());
        Assert.True(queue.TryEnqueue([4, 5]));
        queue.Dequeue();
        Assert.Equal([4, 5], queue.Peek().ToArray());
        queue.Clear();
        Assert.Equal(0, queue.Count);
    }
}
