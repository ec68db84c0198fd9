using Relay.Grains.Membership;

namespace Relay.Grains.Tests.Hosting;

/// <summary>Which coordinators a fleet misses.</summary>
public sealed class SiloWarningsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_WhoWasDeclaredDead_IsAway()
    {
        var warning = Assert.Single(SiloWarnings.Of([Silo(1, SiloStatus.Active), Silo(2, SiloStatus.Dead, votes: 2)], Now));

        Assert.Equal("coordinator-away", warning.Kind);
        Assert.Contains("10.0.0.2:11111", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhoIsBackOrLeftOrIsLongGone_SaysNothing() => Assert.Empty(SiloWarnings.Of(
        [
            Silo(1, SiloStatus.Dead, votes: 2), Silo(5, SiloStatus.Active, startedSecondsAgo: 20),
            Silo(2, SiloStatus.Dead), Silo(3, SiloStatus.ShuttingDown, votes: 1),
            Silo(4, SiloStatus.Dead, votes: 2, secondsAgo: 3601),
        ], Now));

    [Fact]
    public void Of_TwoOfWhomOneWasReplaced_SaysOne() => Assert.Single(SiloWarnings.Of(
        [
            Silo(1, SiloStatus.Dead, votes: 2), Silo(2, SiloStatus.Dead, votes: 2),
            Silo(3, SiloStatus.Active, startedSecondsAgo: 3000), Silo(4, SiloStatus.Active, startedSecondsAgo: 20),
        ], Now));

    private static MembershipEntry Silo(
        byte number, SiloStatus status, int votes = 0, int secondsAgo = 30, int startedSecondsAgo = 7200)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new IPAddress([10, 0, 0, number]), 11111, votes),
            Status = status,
            StartTime = Now.UtcDateTime.AddSeconds(-startedSecondsAgo),
            IAmAliveTime = Now.UtcDateTime.AddSeconds(-secondsAgo),
        };
        for (var i = 0; i < votes; i++)
            entry.AddSuspector(SiloAddress.New(new IPAddress([10, 0, 1, (byte)i]), 11111, 0), Now.UtcDateTime);
        return entry;
    }
}
