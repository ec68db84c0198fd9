using Relay.Node.Targets;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Tunnels;

/// <summary>What is held against sources is bounded, and forgotten once nothing is.</summary>
public sealed class UnansweredTargetsTests
{
    private const ulong Now = 1_000_000_000_000;

    private static readonly RateLimit Limit = UnansweredTargets.DefaultLimit;

    private readonly UnansweredTargets _targets = new(capacity: 100);

    [Fact]
    public void Pair_IsTheSame_AsLongAsSomethingIsHeldAgainstIt()
    {
        var pair = Take(1, 1);
        for (var i = 0; i < 1000; i++)
            Take(2, i);
        Assert.Same(pair, Take(1, 1));
        Assert.Equal(101, _targets.Count);
    }

    [Fact]
    public void Pairs_MoreThanThereIsRoomFor_ShareTheirSourcesBudget()
    {
        for (var i = 0; i < 100; i++)
            Take(1, i);
        Assert.Same(Take(1, 1000), Take(1, 2000));
        Assert.NotSame(Take(1, 1000), Take(2, 1000));
    }

    [Fact]
    public void Pairs_WhoseBudgetIsWhole_MakeRoom()
    {
        for (var i = 0; i < 1000; i++)
            Take(1, i);
        Assert.Equal(101, _targets.Count);
        Take(1, 5000, Now + Time.Seconds(100));
        Assert.Equal(1, _targets.Count);
    }

    [Fact]
    public void Pair_ThatATunnelHolds_IsNotForgotten_ThoughItIsWhole()
    {
        var held = _targets.Find(1, Address(1), Now)!;
        for (var i = 0; i < 1000; i++)
            Take(2, i);
        Take(2, 5000, Now + Time.Seconds(100));
        Assert.Equal(2, _targets.Count);
        Assert.Same(held, _targets.Find(1, Address(1), Now + Time.Seconds(100)));
    }

    [Fact]
    public void Answer_MakesItsPairWhole_AndFreeForAMinute()
    {
        var pair = new UnansweredPair(Limit);
        Drain(pair, 1024, Now);
        pair.OnAnswered(0, Now);
        for (var i = 0; i < 10 * Limit.Burst; i++)
            Assert.True(pair.TryTake(1024, Now + Time.Seconds(59)));
        Assert.Equal(Limit.Burst, Drain(pair, 1024, Now + Time.Seconds(60)));
    }

    [Fact]
    public void Answer_OfOneOfTheAddressesThatShareABudget_GivesBackWhatItTook_AndNoMore()
    {
        for (var i = 0; i < 100; i++)
            Take(1, i);
        var rest = Take(1, 1000);
        Drain(rest, 1024, Now);
        rest.OnAnswered(3 * rest.CostOf(1024), Now);
        Assert.Equal(3, Drain(rest, 1024, Now));
    }

    [Fact]
    public void Sources_WithoutMeasure_AreBounded()
    {
        for (var i = 0; i < 2 * UnansweredTargets.MaxSources; i++)
            _targets.Find((ulong)i, Address(1), Now)?.TryTake(1, Now);
        Assert.Equal(100 + UnansweredTargets.MaxSources, _targets.Count);
        Assert.Null(_targets.Find(ulong.MaxValue, Address(1), Now));
    }

    [Fact]
    public void Budget_OfOnePair_FillsWithTime()
    {
        var pair = new UnansweredPair(Limit);
        Assert.Equal(Limit.Burst, Drain(pair, 1024, Now));
        Assert.Equal(16, Drain(pair, 1024, Now + Time.Seconds(1)));
        Assert.Equal(Limit.Burst, Drain(pair, 10, Now + Time.Seconds(1000)));
        Assert.Equal(Limit.Burst / 32, Drain(pair, 32 * 1024, Now + Time.Seconds(2000)));
    }

    [Fact]
    public void Pair_OfAnotherLimit_GivesThatMany()
    {
        var targets = new UnansweredTargets { Limit = new RateLimit(7, 3) };
        var pair = targets.Find(1, Address(1), Now)!;
        Assert.Equal(7, Drain(pair, 1024, Now));
        Assert.Equal(3, Drain(pair, 1024, Now + Time.Seconds(1)));
    }

    private static int Drain(UnansweredPair pair, int length, ulong now)
    {
        var count = 0;
        while (pair.TryTake(length, now))
            count++;
        return count;
    }

    private UnansweredPair Take(ulong source, int host, ulong now = Now)
    {
        var pair = _targets.Find(source, Address(host), now)!;
        pair.TryTake(1, now);
        pair.LetGo();
        return pair;
    }

    private static IPAddress Address(int host) => new([10, 0, (byte)(host >> 8), (byte)host]);
}
