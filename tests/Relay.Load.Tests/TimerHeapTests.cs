using Relay.Load.Loop;

namespace Relay.Load.Tests;

public class TimerHeapTests
{
    [Fact]
    public void Heap_RandomChanges_GivesDeadlinesInOrder()
    {
        var random = new Random(5);
        var heap = new TimerHeap<Timer>();
        var expected = new Dictionary<Timer, ulong>();
        var timers = Enumerable.Range(0, 300).Select(_ => new Timer()).ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var timer = timers[random.Next(timers.Length)];
            if (random.Next(4) == 0)
            {
                heap.Remove(timer);
                expected.Remove(timer);
            }
            else
            {
                var due = (ulong)random.Next(1000);
                heap.Set(timer, due);
                expected[timer] = due;
            }
            Assert.Equal(expected.Count, heap.Count);
            Assert.Equal(expected.Count == 0 ? ulong.MaxValue : expected.Values.Min(), heap.NextDue);
        }
        ulong last = 0;
        while (heap.TryTake(ulong.MaxValue - 1, out var item))
        {
            Assert.True(expected[item!] >= last);
            last = expected[item!];
            expected.Remove(item!);
        }
        Assert.Empty(expected);
    }

    [Fact]
    public void TryTake_BeforeTheDeadline_TakesNothing()
    {
        var heap = new TimerHeap<Timer>();
        heap.Set(new Timer(), 10);
        Assert.False(heap.TryTake(9, out _));
        Assert.True(heap.TryTake(10, out _));
        Assert.False(heap.TryTake(11, out _));
    }

    private sealed class Timer : ITimed
    {
        public int TimerIndex { get; set; } = -1;
    }
}
