using Relay.Node.Hosting;
using Relay.Node.Tests.Identity;

namespace Relay.Node.Tests.Lifecycle;

public class TrimDecisionTests
{
    private const long Megabyte = 1024 * 1024;

    private readonly TrimDecision _decision = new();

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
            () => (resident, 10 * Megabyte), static () => 0);
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
            static () => { }, () => trims++, new RecordingLog(), static () => (80 * Megabyte, 10 * Megabyte), () => managed * Megabyte);
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

    private bool Look(long resident, long allocated) => _decision.IsDue(resident * Megabyte, allocated * Megabyte);
}
