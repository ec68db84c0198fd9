using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;

namespace Relay.Node.Tests.Identity;

public class FailureLimiterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Take_BurstThenOneEachInterval()
    {
        var limiter = new FailureLimiter<ulong>(_clock, ulong.MaxValue);
        for (var i = 0; i < FailureLimiter.Burst; i++)
            Assert.True(limiter.TryTake(1));
        Assert.False(limiter.TryTake(1));
        Assert.True(limiter.TryTake(2));
        _clock.Advance(FailureLimiter.Interval);
        Assert.True(limiter.TryTake(1));
        Assert.False(limiter.TryTake(1));
        _clock.Advance(FailureLimiter.Interval * 100);
        for (var i = 0; i < FailureLimiter.Burst; i++)
            Assert.True(limiter.TryTake(1));
        Assert.False(limiter.TryTake(1));
    }

    [Fact]
    public void GiveBack_RightOnes_CostNothing()
    {
        var limiter = new FailureLimiter<ulong>(_clock, ulong.MaxValue);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(limiter.TryTake(1));
            limiter.GiveBack(1);
        }
    }

    [Fact]
    public void Take_FromVeryManySources_IsBoundedAsOne_AndForgotten()
    {
        var limiter = new FailureLimiter<ulong>(_clock, ulong.MaxValue);
        for (ulong source = 0; source < 65_536; source++)
            Assert.True(limiter.TryTake(source));
        var more = Enumerable.Range(0, 1000).Count(i => limiter.TryTake(1_000_000 + (ulong)i));
        Assert.Equal(FailureLimiter.Burst, more);
        _clock.Advance(FailureLimiter.Interval * 20);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.True(limiter.TryTake(2_000_000 + (ulong)i)));
    }
}
