using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>What a pool does when its memory or its clock proves not to be what it was.</summary>
public class LostMemoryTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Run = Guid.NewGuid();

    [Fact]
    public void Claim_OfAGrantThatStorageLost_IsRenewed_AndNothingIsGrantedForALeaseTime()
    {
        var allocator = New(blocks: 2);
        var before = allocator.ToState();
        var lost = Claim(Ask(allocator, "a", Begin));
        var now = Begin + TimeSpan.FromSeconds(3);
        var promoted = new PrefixAllocator(before, Timings);

        Assert.Equal(lost, Claim(Ask(promoted, "a", now, lost)));
        Assert.Contains("grants nothing", Ask(promoted, "b", now).Fault, StringComparison.Ordinal);
        var last = now + Timings.LeaseTime - TimeSpan.FromMilliseconds(1);
        Assert.Equal(lost, Claim(Ask(promoted, "a", last, lost)));
        Assert.NotNull(Ask(promoted, "b", last).Fault);

        var next = Claim(Ask(promoted, "b", now + Timings.LeaseTime));
        Assert.NotEqual(lost.Prefix, next.Prefix);
        Assert.True(next.Epoch > lost.Epoch);
    }

    [Fact]
    public void Clock_ThatJumpsAheadOverLeaseAndQuarantine_FreesNoBlockAtOnce()
    {
        var allocator = New();
        var held = Claim(Ask(allocator, "a", Begin));
        var jumped = Begin + TimeSpan.FromMinutes(15);

        var expired = allocator.Expire(jumped);

        Assert.Empty(expired.Freed);
        Assert.Equal(jumped + Timings.Quarantine + Timings.MaxClockSkew, Assert.Single(expired.Quarantined).ExpiresAt);
        Assert.NotNull(Ask(allocator, "b", jumped).Fault);
        Assert.Equal(held.Prefix, Claim(Ask(allocator, "b", jumped + Timings.Quarantine + Timings.MaxClockSkew)).Prefix);
    }

    [Fact]
    public void Renewal_OfWhatAnotherGrantorWrote_IsStoredBeforeItIsPromised()
    {
        var first = New();
        var held = Claim(Ask(first, "a", Begin));
        Ask(first, "a", Begin, held);
        // Two activations at once: what one promises without a write of its own, the other could not know of.
        var second = new PrefixAllocator(first.ToState(), Timings, Begin);
        var restored = second.Revision;

        Assert.Equal(held, Claim(Ask(second, "a", Begin, held)));
        var written = second.Revision;
        Assert.True(written > restored);

        Assert.Equal(held, Claim(Ask(second, "a", Begin, held)));
        Assert.Equal(written, second.Revision);
    }

    [Fact]
    public void Claim_OfALostGrant_IsSeenThroughTheGrantsAfterIt()
    {
        var allocator = New(blocks: 4);
        var before = allocator.ToState();
        var lost = Claim(Ask(allocator, "a", Begin));
        var now = Begin + TimeSpan.FromSeconds(3);
        var promoted = new PrefixAllocator(before with { NextBlock = before.NextBlock + 1 }, Timings, now);

        var other = Claim(Ask(promoted, "b", now));
        Assert.NotEqual(lost.Epoch, other.Epoch);
        Assert.Equal(lost, Claim(Ask(promoted, "a", now, lost)));

        Assert.Contains("grants nothing", Ask(promoted, "c", now).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_OfABlockThatIsRenewed_TakesItFromNobody()
    {
        var allocator = New(blocks: 4);
        var held = Claim(Ask(allocator, "a", Begin));
        Ask(allocator, "a", Begin, held);
        var stolen = held with { Epoch = held.Epoch + 3_600_000 };

        var answer = allocator.Answer(new LeaseRequest("liar", Run, IsWanted: false, [stolen], []), Begin);

        Assert.Empty(answer.Grants);
        Assert.Equal(held, Claim(Ask(allocator, "a", Begin, held)));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Claims_OfTwoForOneBlock_LeaveItToTheLaterGrant_AndTellTheOther(long first, long second)
    {
        var allocator = New(blocks: 4);
        allocator.Recover(Begin);
        var block = Prefix.Parse("198.51.100.16/28");

        var one = Ask(allocator, "a", Begin, new LeaseClaim("pool", block, first));
        var two = Ask(allocator, "b", Begin, new LeaseClaim("pool", block, second));
        var again = Ask(allocator, "a", Begin, new LeaseClaim("pool", block, first));

        Assert.False(Assert.Single(one.Grants).IsReleasing);
        Assert.Equal(second < first, Assert.Single(two.Grants).IsReleasing);
        Assert.Equal(first < second, Assert.Single(again.Grants).IsReleasing);
        var loser = first < second ? "a" : "b";
        var conflict = Assert.Single(allocator.ToInfo().Conflicts);
        Assert.Contains($"{loser} is told to release it", conflict, StringComparison.Ordinal);
        Assert.Equal([conflict], two.Conflicts.Concat(again.Conflicts));
        Assert.Empty(Ask(allocator, loser, Begin, new LeaseClaim("pool", block, Math.Min(first, second))).Conflicts);
    }

    [Fact]
    public void Claim_BeyondAnyClock_StartsNoRecovery_AndEpochsGoOn()
    {
        var allocator = New(blocks: 4);
        var absurd = new LeaseClaim("pool", Prefix.Parse("198.51.100.16/28"), 1L << 53);

        var answer = Ask(allocator, "liar", Begin, absurd);

        Assert.DoesNotContain(answer.Grants, grant => grant.Prefix == absurd.Prefix);
        Assert.False(allocator.IsRecovering(Begin));
        var next = Claim(Ask(allocator, "b", Begin));
        Assert.NotEqual(absurd.Prefix, next.Prefix);
        Assert.InRange(next.Epoch, 1, Begin.ToUnixTimeMilliseconds() + PrefixAllocator.MaxEpochLead);
    }

    [Fact]
    public void Claims_OfLiars_StartABoundedNumberOfRecoveries()
    {
        var allocator = New(blocks: 64);
        var now = Begin;
        var began = 0;
        for (var i = 0; i < 40; i++, now += Timings.LeaseTime)
        {
            var claim = new LeaseClaim(
                "pool", Prefix.Parse("198.51.0.0/16").Block((UInt128)i, 28), allocator.ToState().NextEpoch + 7);
            Ask(allocator, i < 10 ? "liar" : $"liar-{i}", now, claim);
            if (allocator.IsRecovering(now))
                began++;
            Assert.False(allocator.IsRecovering(now + Timings.LeaseTime));
            if (i == 9)
                Assert.Equal(1, began);
        }

        Assert.InRange(began, 2, 2 * PrefixAllocator.MaxRecoveriesPerHour);
        // The blocks of those who were not believed are nobody's meanwhile.
        Assert.NotEqual(0, allocator.ToInfo().Quarantined);
    }

    [Fact]
    public void State_ThatAnotherWroteByAClockOfItsOwn_FreesNothingForALeaseTime()
    {
        var allocator = New();
        var held = Claim(Ask(allocator, "a", Begin));
        var ahead = Begin + TimeSpan.FromMinutes(15);

        var other = new PrefixAllocator(allocator.ToState(), Timings, ahead);

        Assert.NotNull(Ask(other, "b", ahead).Fault);
        var last = ahead + Timings.LeaseTime - TimeSpan.FromMilliseconds(1);
        Assert.Equal(LeaseExpiry.None.Quarantined, other.Expire(last).Quarantined);
        Assert.Equal(held, Claim(Ask(other, "a", last, held)));
    }

    [Fact]
    public void Recovery_ThatAnotherBegan_LastsALeaseTimeByOnesOwnClock()
    {
        var allocator = New(blocks: 2);
        allocator.Recover(Begin);
        var ahead = Begin + TimeSpan.FromMinutes(15);

        var other = new PrefixAllocator(allocator.ToState(), Timings, ahead);

        Assert.NotNull(Ask(other, "b", ahead).Fault);
        Assert.Null(Ask(other, "b", ahead + Timings.LeaseTime).Fault);
        Assert.Null(other.ToState().RecoveringUntil);
    }

    // One block, unless more are asked for, so that whoever gets one gets the one that there is.
    private static PrefixAllocator New(int blocks = 1) => new(
        PrefixAllocator.Create(
            new PrefixPool
            {
                Name = "pool",
                Prefix = Prefix.Parse($"198.51.{(blocks > 16 ? 0 : 100)}.0/{28 - int.Log2(blocks)}"),
                BlockLength = 28,
            }, new Random(1), Begin), Timings);

    private static LeaseAnswer Ask(
        PrefixAllocator allocator, string node, DateTimeOffset now, params LeaseClaim[] claims) =>
        allocator.Answer(new LeaseRequest(node, Run, IsWanted: true, claims, []), now);

    private static LeaseClaim Claim(LeaseAnswer answer)
    {
        var grant = Assert.Single(answer.Grants);
        return new LeaseClaim(grant.Pool, grant.Prefix, grant.Epoch);
    }
}
