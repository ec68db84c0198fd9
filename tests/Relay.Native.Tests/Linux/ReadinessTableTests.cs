using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class ReadinessTableTests
{
    [Fact]
    public void Find_Added_IsFoundUntilRemoved()
    {
        var table = new ReadinessTable();
        var (first, second) = (new Target(), new Target());
        var (a, b) = (table.Add(first), table.Add(second));
        Assert.NotEqual(a, b);
        Assert.Same(first, table.Find(a));
        Assert.Same(second, table.Find(b));
        table.Remove(a);
        Assert.Null(table.Find(a));
        Assert.Same(second, table.Find(b));
    }

    [Fact]
    public void Find_SlotIsSomebodyElsesNow_OldTokenFindsNobody()
    {
        var table = new ReadinessTable();
        var old = table.Add(new Target());
        table.Remove(old);
        var next = new Target();
        var token = table.Add(next);
        Assert.Equal((uint)old, (uint)token);
        Assert.Null(table.Find(old));
        table.Remove(old);
        Assert.Same(next, table.Find(token));
    }

    [Fact]
    public void Remove_Twice_FreesTheSlotOnce()
    {
        var table = new ReadinessTable();
        var token = table.Add(new Target());
        Assert.True(table.Remove(token));
        Assert.False(table.Remove(token));
        Assert.False(table.Remove(0));
        Assert.NotEqual(table.Add(new Target()), table.Add(new Target()));
    }

    // Sockets are closed also where there is no memory.
    [Fact]
    public void Remove_NeedsNoMemory()
    {
        var table = new ReadinessTable();
        var tokens = Enumerable.Range(0, 1000).Select(_ => table.Add(new Target())).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var token in tokens)
            table.Remove(token);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void AddAndRemove_AtRandom_AgreesWithADictionary()
    {
        var random = new Random(7);
        var table = new ReadinessTable();
        var expected = new Dictionary<ulong, Target>();
        var gone = new List<ulong>();
        for (var step = 0; step < 20_000; step++)
        {
            if (expected.Count == 0 || random.Next(100) < (step % 2000 < 1000 ? 60 : 40))
            {
                var target = new Target();
                expected.Add(table.Add(target), target);
            }
            else
            {
                var token = expected.Keys.ElementAt(random.Next(Math.Min(expected.Count, 20)));
                table.Remove(token);
                expected.Remove(token);
                gone.Add(token);
            }
            if (gone.Count > 0)
                Assert.Null(table.Find(gone[random.Next(gone.Count)]));
        }
        Assert.NotEmpty(expected);
        Assert.All(expected, pair => Assert.Same(pair.Value, table.Find(pair.Key)));
    }

    private sealed class Target : IReadiness
    {
        public void OnReady(EpollInterest events)
        {
        }
    }
}
