using Relay.Node.Hosting;
using Relay.Node.Tests.Identity;

namespace Relay.Node.Tests.Lifecycle;

public class TrimDecisionTests
{
    private const long Megabyte = 1024 * 1024;

    private readonly TrimDecision _decision = new();
    private long _managed;

    [Fact]
    public void Rush_ThatIsOver_IsDueOnce()
    {
        Assert.False(Look(80, 10));
        // In use: there is nothing to be had.
        Assert.False(Look(1200, 1120));
        Assert.False(Look(1200, 1125));
        // Freed, and still resident: so it is for 40 connections as for 40 000.
        Assert.True(Look(1200, 20));
        _decision.Trimmed(110 * Megabyte, 20 * Megabyte);
        Assert.False(Look(110, 20));
        Assert.False(Look(110, 10));
        Assert.True(Look(130, 10));
    }

    [Fact]
    public void Rush_ThatWasTrimmedWhileItLasted_IsDueOnceItIsOver()
    {
        Assert.False(Look(100, 50));
        Assert.True(Look(200, 120));
        // 70 of it are managed, and in use.
        _decision.Trimmed(190 * Megabyte, 120 * Megabyte);
        Assert.False(Look(190, 120));

        // What the C allocator had is back; who used the managed memory is gone.
        Assert.True(Look(125, 55));
        _decision.Trimmed(100 * Megabyte, 55 * Megabyte);
        Assert.False(Look(100, 55));
    }

    /// <summary>As of clients whose last packet was lost: they are gone 30 s after the others.</summary>
    [Fact]
    public void Rush_ThatWasTrimmedWhenAThirdOfItWasLeft_IsDueOnceItIsOver()
    {
        Assert.False(Look(80, 10));
        Assert.True(Look(160, 24));
        _decision.Trimmed(105 * Megabyte, 24 * Megabyte);
        Assert.False(Look(105, 24));
        Assert.True(Look(105, 10));
        _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        Assert.False(Look(80, 10));
        Assert.False(Look(80, 7));
    }

    /// <summary>As of one attack after the other: what the last one left is most of what is resident.</summary>
    [Fact]
    public void Rush_ThatLeavesALargePart_IsDueSoon_HoweverOftenItWasTrimmedBefore()
    {
        Assert.False(Look(80, 10));
        for (var i = 0; i < 6; i++)
        {
            _ = LooksUntilDue();
            _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        }
        Assert.False(Look(900, 820));
        // The fourth look, and not the second: rushes one after the other stop the loops no more often.
        Assert.Equal([false, false, true], [Look(900, 30), Look(900, 30), Look(900, 30)]);
        _decision.Trimmed(100 * Megabyte, 30 * Megabyte);
        Assert.False(Look(130, 30));
    }

    /// <summary>As of requests that are refused: all that they leave is garbage, and the C allocator has had none of it.</summary>
    [Fact]
    public void Garbage_OfARushThatIsOver_IsDueSoon_HoweverOftenItWasTrimmedWhileItLasted()
    {
        Assert.False(Look(80, 10));
        for (var i = 0; i < 8; i++)
        {
            _ = LooksUntilDue();
            _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        }
        // It goes on, and is trimmed as seldom as it may be.
        for (var look = 1; look < 10; look++)
            Assert.False(Look(147, 10));

        Assert.True(LookQuietly(147, 10));
        _decision.Trimmed(85 * Megabyte, 10 * Megabyte);
        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(_ => LookQuietly(120, 10)));
        // Some of it is no large part, and no reason to stop the loops again so soon.
        _decision.Trimmed(85 * Megabyte, 10 * Megabyte);
        Assert.DoesNotContain(true, Enumerable.Range(0, TrimDecision.LongestPause - 1).Select(_ => LookQuietly(101, 10)));
        Assert.True(LookQuietly(101, 10));
    }

    /// <summary>The trim found what the rush had in use, which is garbage since.</summary>
    [Fact]
    public void Garbage_ThatWasInUseAtTheTrimBefore_IsDueOnceTheNodeIsQuiet()
    {
        Assert.False(LookQuietly(90, 10));
        Assert.True(Look(200, 12));
        _decision.Trimmed(180 * Megabyte, 12 * Megabyte);
        Assert.False(Look(180, 12));
        Assert.True(LookQuietly(180, 10));
        _decision.Trimmed(92 * Megabyte, 10 * Megabyte);
        Assert.False(LookQuietly(92, 10));
    }

    /// <summary>As of clients that have vanished: what they had is in use until their time is over, and a trim before would put off the next.</summary>
    [Fact]
    public void Rush_ThatIsSilentBeforeItIsOver_IsDueOnceItIsOver()
    {
        Assert.False(Look(80, 10));
        for (var i = 0; i < 8; i++)
        {
            _ = LooksUntilDue();
            _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        }
        for (var i = 0; i < 5; i++)
            Assert.False(Look(200, 60));
        for (var i = 0; i < 3; i++)
            Assert.False(LookQuietly(200, 60));
        Assert.True(LookQuietly(180, 11));
    }

    /// <summary>As of clients that have many tunnels and do nothing: a trim finds it out, once.</summary>
    [Fact]
    public void ManagedMemory_InUseOfAQuietNode_IsDueOnce()
    {
        Assert.False(LookQuietly(90, 10));
        Assert.True(LookQuietly(300, 30));
        _decision.Trimmed(290 * Megabyte, 30 * Megabyte);
        for (var i = 0; i < 2 * TrimDecision.LongestPause; i++)
            Assert.False(LookQuietly(300, 30));
    }

    [Fact]
    public void Growth_InUse_IsNeverDue()
    {
        for (var used = 10; used < 10_000; used += 50)
            Assert.False(Look(70 + used, used));
    }

    [Fact]
    public void Memory_ThatComesBackAtOnce_IsTrimmedEverMoreSeldom_UntilItStaysAway()
    {
        Assert.False(Look(80, 10));
        var pauses = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            pauses.Add(LooksUntilDue());
            _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 64], pauses);
        for (var i = 0; i < 5 * TrimDecision.LongestPause; i++)
            Assert.False(Look(80, 10));
        Assert.Equal(1, LooksUntilDue());
        _decision.Trimmed(80 * Megabyte, 10 * Megabyte);
        Assert.Equal(1, LooksUntilDue());
    }

    /// <summary>Forty connections of a moment are as good a reason as forty thousand: what counts is what stays resident.</summary>
    [Fact]
    public void Housekeeping_WhereMemoryStaysResident_MakesTheLoopsGiveItUp()
    {
        var (resident, trims) = (80 * Megabyte, 0);
        using var housekeeping = new Housekeeping(
            static () => { }, () => (trims, resident) = (trims + 1, 90 * Megabyte), new RecordingLog(),
            () => (resident, 10 * Megabyte, 0));
        housekeeping.Look();
        Assert.Equal(0, trims);
        resident = 110 * Megabyte;
        housekeeping.Look();
        Assert.Equal(1, trims);
        housekeeping.Look();
        housekeeping.Look();
        Assert.Equal(1, trims);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(8, 1)]
    public void Housekeeping_WhatAStartHasLeft_IsGivenUpOnceWhereItIsMuch(long managed, int expected)
    {
        var trims = 0;
        using var housekeeping = new Housekeeping(
            static () => { }, () => trims++, new RecordingLog(), () => (80 * Megabyte, 10 * Megabyte, managed * Megabyte));
        for (var i = 0; i < 3; i++)
            housekeeping.Look();
        Assert.Equal(expected, trims);
    }

    private int LooksUntilDue()
    {
        var looks = 1;
        while (!Look(100, 10))
            looks++;
        return looks;
    }

    /// <summary>At a node that is busy.</summary>
    private bool Look(long resident, long allocated) => Look(resident, allocated, TrimDecision.Quiet);

    private bool LookQuietly(long resident, long allocated) => Look(resident, allocated, TrimDecision.Quiet - 1);

    private bool Look(long resident, long allocated, long garbage) =>
        _decision.IsDue(resident * Megabyte, allocated * Megabyte, _managed += garbage);
}
