using Relay.Node.Sessions;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class ScanSourcesTests
{
    private const ulong Second = 1_000_000_000;

    [Fact]
    public void Sources_BeyondTheCapacity_AreWatchedByConnectionOnly()
    {
        var sources = new ScanSources(capacity: 4);
        for (ulong source = 0; source < 4; source++)
            sources.Watch(source, Second).Fail(Second);
        var watch = sources.Watch(99, Second);
        Assert.Equal(4, sources.Count);
        for (var i = 0; i < ScanLimits.Connection.Failures.Burst; i++)
        {
            Assert.Equal(0ul, watch.Ask(1, Second));
            watch.Fail(Second);
        }
        Assert.InRange(watch.Ask(1, Second), 1ul, Second);
    }

    [Fact]
    public void Sources_ThatAreCalm_GiveWayToNewOnes()
    {
        var sources = new ScanSources(capacity: 4);
        for (ulong source = 0; source < 4; source++)
            sources.Watch(source, Second).Fail(Second);
        _ = sources.Watch(99, 10 * Second);
        Assert.Equal(1, sources.Count);
    }

    [Fact]
    public void KnownTarget_CostsNothing_AlsoWhenNewOnesAreRefused()
    {
        var score = new ScanScore(ScanLimits.Connection);
        var burst = ScanLimits.Connection.Targets.Burst;
        for (var target = 1; target <= burst; target++)
            Assert.Equal(0ul, score.Ask(target, Second));
        Assert.NotEqual(0ul, score.Ask(burst + 1, Second));
        Assert.Equal(0ul, score.Ask(burst, Second));
        Assert.Equal(0ul, score.Ask(burst - ScanLimits.Connection.Remembered + 1, Second));
        Assert.NotEqual(0ul, score.Ask(burst - ScanLimits.Connection.Remembered, Second));
    }

    [Fact]
    public void Budget_IsSpentAndComesBack()
    {
        var limit = new RateLimit(Burst: 3, PerSecond: 2);
        var budget = default(RateBudget);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0ul, budget.WaitFor(limit, Second));
            budget.Spend(limit, Second);
        }
        Assert.Equal(Second / 2, budget.WaitFor(limit, Second));
        // What goes beyond the limit costs nothing more.
        budget.Spend(limit, Second);
        budget.Spend(limit, Second);
        Assert.Equal(Second / 2, budget.WaitFor(limit, Second));
        Assert.Equal(0ul, budget.WaitFor(limit, Second + (Second / 2)));
        Assert.False(budget.IsWhole(2 * Second));
        Assert.True(budget.IsWhole((2 * Second) + (Second / 2)));
    }
}
