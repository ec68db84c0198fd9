using Relay.Node.Counters;

namespace Relay.Node.Tests.Diagnostics;

public class LoopUsageTests
{
    private const ulong Second = 1_000_000_000;

    [Fact]
    public void Ratio_NothingYet_IsZero() => Assert.Equal(0, new LoopUsage().Ratio);

    [Fact]
    public void Ratio_FirstSeconds_IsOfAllThatWas()
    {
        var usage = new LoopUsage();
        usage.AddBusy(1 * Second);
        usage.AddWaited(3 * Second);
        Assert.Equal(0.25, usage.Ratio);
    }

    [Fact]
    public void Ratio_OldTimes_AreForgotten()
    {
        var usage = new LoopUsage();
        for (var second = 0; second < 20; second++)
        {
            usage.AddWaited(Second);
            usage.Sample();
        }
        Assert.Equal(0, usage.Ratio);
        for (var second = 0; second < 6; second++)
        {
            usage.AddBusy(Second);
            usage.Sample();
        }
        usage.AddBusy(Second / 2);
        Assert.Equal(1, usage.Ratio);
    }

    [Fact]
    public void LongestTurn_IsThatOfTheLastSeconds()
    {
        var usage = new LoopUsage();
        Assert.Equal(0, usage.LongestTurn);
        foreach (var turn in (ulong[])[3, 7, 5])
            usage.AddBusy(turn);
        Assert.Equal(7, usage.LongestTurn);
        for (var second = 0; second < 6; second++)
        {
            usage.Sample();
            Assert.Equal(7, usage.LongestTurn);
            usage.AddBusy(2);
        }
        usage.Sample();
        Assert.Equal(2, usage.LongestTurn);
    }
}
