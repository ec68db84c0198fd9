using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class TimerHeapTests
{
    [Fact]
    public void Next_NoTimer_IsNever()
    {
        var heap = new TimerHeap();
        Assert.Equal(ulong.MaxValue, heap.Next);
        heap.Fire(ulong.MaxValue);
        Assert.Equal(0, heap.Count);
    }

    [Fact]
    public void Fire_SeveralDue_FiresThemInOrderAndLeavesTheRest()
    {
        var heap = new TimerHeap();
        var fired = new List<int>();
        foreach (var due in (int[])[50, 10, 40, 20, 30])
            heap.Set(new ActionTimer(() => fired.Add(due)), (ulong)due);
        Assert.Equal(10ul, heap.Next);
        heap.Fire(9);
        Assert.Empty(fired);
        heap.Fire(30);
        Assert.Equal([10, 20, 30], fired);
        Assert.Equal((2, 40ul), (heap.Count, heap.Next));
    }

    [Fact]
    public void Set_ToNever_Clears()
    {
        var heap = new TimerHeap();
        var timer = new ActionTimer(static () => Assert.Fail("It was cleared."));
        heap.Set(timer, 5);
        Assert.True(timer.IsSet);
        heap.Set(timer, ulong.MaxValue);
        Assert.False(timer.IsSet);
        heap.Clear(timer);
        heap.Fire(100);
        Assert.Equal(0, heap.Count);
    }

    [Fact]
    public void Fire_TimerSetsItselfForNow_WaitsForTheNextTurn()
    {
        var heap = new TimerHeap();
        var count = 0;
        ActionTimer timer = null!;
        timer = new ActionTimer(() =>
        {
            count++;
            heap.Set(timer, 10);
        });
        heap.Set(timer, 10);
        heap.Fire(10);
        Assert.Equal(1, count);
        heap.Fire(10);
        Assert.Equal(2, count);
    }

    [Fact]
    public void Fire_OneClearsAnother_TheOtherDoesNotFire()
    {
        var heap = new TimerHeap();
        var other = new ActionTimer(static () => Assert.Fail("It was cleared."));
        heap.Set(new ActionTimer(() => heap.Clear(other)), 1);
        heap.Set(other, 2);
        heap.Fire(5);
        Assert.Equal(0, heap.Count);
    }

    [Theory]
    [Seeds(3)]
    public void SetMoveClearFire_AtRandom_AgreesWithASortedList(int seed)
    {
        var random = new Random(seed);
        var heap = new TimerHeap();
        var fired = new List<int>();
        var timers = Enumerable.Range(0, 200).Select(i => new ActionTimer(() => fired.Add(i))).ToArray();
        var expected = new Dictionary<int, ulong>();
        var now = 0ul;
        for (var step = 0; step < 20_000; step++)
        {
            var i = random.Next(timers.Length);
            switch (random.Next(5))
            {
                case 0:
                    heap.Clear(timers[i]);
                    expected.Remove(i);
                    break;
                case 1:
                    now += (ulong)random.Next(50);
                    fired.Clear();
                    heap.Fire(now);
                    Assert.Equal(expected.Where(e => e.Value <= now).Select(static e => e.Key).Order(), fired.Order());
                    Assert.Equal(fired.Select(f => expected[f]).Order(), fired.Select(f => expected[f]));
                    fired.ForEach(f => expected.Remove(f));
                    break;
                default:
                    var due = now + (ulong)random.Next(1000);
                    heap.Set(timers[i], due);
                    expected[i] = due;
                    break;
            }
            Assert.Equal(expected.Count, heap.Count);
            Assert.Equal(expected.Count == 0 ? ulong.MaxValue : expected.Values.Min(), heap.Next);
            Assert.Equal(expected.ContainsKey(i), timers[i].IsSet);
        }
    }

    [Fact]
    public void SetAndClear_AtRandom_GiveDeadlinesInOrder()
    {
        var random = new Random(5);
        var heap = new TimerHeap();
        var expected = new Dictionary<int, ulong>();
        var fired = new List<int>();
        var timers = Enumerable.Range(0, 300).Select(i => new ActionTimer(() => fired.Add(i))).ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var i = random.Next(timers.Length);
            if (random.Next(4) == 0)
            {
                heap.Clear(timers[i]);
                expected.Remove(i);
            }
            else
            {
                var due = (ulong)random.Next(1000);
                heap.Set(timers[i], due);
                expected[i] = due;
            }
            Assert.Equal(expected.Count, heap.Count);
            Assert.Equal(expected.Count == 0 ? ulong.MaxValue : expected.Values.Min(), heap.Next);
        }
        heap.Fire(ulong.MaxValue - 1);
        Assert.Equal(expected.Values.Order(), fired.Select(i => expected[i]));
        Assert.Equal(expected.Keys.Order(), fired.Order());
        Assert.Equal(0, heap.Count);
    }

    [Fact]
    public void Fire_BeforeTheDeadline_FiresNothing()
    {
        var heap = new TimerHeap();
        var fired = 0;
        heap.Set(new ActionTimer(() => fired++), 10);
        heap.Fire(9);
        Assert.Equal(0, fired);
        heap.Fire(10);
        Assert.Equal(1, fired);
        heap.Fire(11);
        Assert.Equal(1, fired);
    }

    private sealed class ActionTimer(Action fire) : HeapTimer
    {
        public override void OnDue() => fire();
    }
}
