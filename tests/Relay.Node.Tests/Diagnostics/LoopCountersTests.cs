using System.Reflection;
using Relay.Node.Counters;

namespace Relay.Node.Tests.Diagnostics;

public class LoopCountersTests
{
    [Fact]
    public void Sum_EveryCount_IsInIt()
    {
        var (first, second) = (new LoopCounters(), new LoopCounters());
        var fields = Fill(first, 1) + Fill(second, 1_000_000);
        var expected = new LoopCounters();
        Fill(expected, 0, first, second);
        Assert.True(fields > 100);
        AssertSame(expected, LoopCounters.Sum([first, second]));
    }

    [Fact]
    public void Sum_Derived_AreThoseOfBothTypes()
    {
        var loop = new LoopCounters();
        (loop.Tcp.Active, loop.Udp.Active) = (2, 3);
        (loop.Tcp.UpstreamBytes, loop.Udp.UpstreamBytes) = (5, 7);
        (loop.Tcp.DownstreamBytes, loop.Udp.DownstreamBytes) = (11, 13);
        loop.Tcp.Outcomes[(int)TunnelOutcome.Completed] = loop.Udp.Outcomes[(int)TunnelOutcome.Completed] = 17;
        var sum = LoopCounters.Sum([loop, loop]);
        Assert.Equal((10, 24, 48), (sum.TunnelsActive, sum.UpstreamBytes, sum.DownstreamBytes));
        Assert.Equal(68, sum.Ended(TunnelOutcome.Completed));
    }

    /// <summary>Gives every count a value of its own, or the sum of others' values.</summary>
    private static int Fill(object counters, long start, params object[] parts)
    {
        var count = 0;
        foreach (var field in counters.GetType().GetFields())
        {
            var value = field.GetValue(counters)!;
            var others = parts.Select(field.GetValue).ToArray();
            if (value is long[] array)
            {
                for (var i = 0; i < array.Length; i++)
                    array[i] = parts.Length > 0 ? others.Sum(other => ((long[])other!)[i]) : start + (100 * count) + i;
                count += array.Length;
            }
            else if (value is TunnelCounters or DurationCounts)
                count += Fill(value, start + (10_000 * ++count), others!);
            else if (value is long)
                field.SetValue(
                    counters, parts.Length > 0 ? others.Sum(other => (long)other!) : start + (100 * count++));
        }
        return count;
    }

    private static void AssertSame(object expected, object actual)
    {
        foreach (FieldInfo field in expected.GetType().GetFields())
        {
            var (left, right) = (field.GetValue(expected)!, field.GetValue(actual)!);
            if (left is TunnelCounters or DurationCounts)
                AssertSame(left, right);
            else if (left is not LoopUsage)
                Assert.Equal(left, right);
        }
    }
}
