using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

public class PrefixAllocatorTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Run = Guid.NewGuid();

    [Fact]
    public void Acquire_OfAFreshBlock_LastsUntilTheMarginBeforeTheGrantors()
    {
        var allocator = New("198.51.100.0/24", 28);

        var grant = Assert.Single(Ask(allocator, "a", Run, Begin).Grants);

        Assert.Equal(Timings.LeaseTime - Timings.HolderMargin, TimeSpan.FromMilliseconds(grant.DurationMilliseconds));
        Assert.Equal(Begin + Timings.LeaseTime, Assert.Single(allocator.Of("a")).ExpiresAt);
    }

    [Fact]
    public void Renew_OfALeaseWithMostOfItsTime_HasNothingToStore()
    {
        var allocator = New("198.51.100.0/24", 28);
        var grant = Assert.Single(Ask(allocator, "a", Run, Begin).Grants);
        LeaseClaim[] claims = [new("pool", grant.Prefix, grant.Epoch)];
        Ask(allocator, "a", Run, Begin + TimeSpan.FromSeconds(1), claims);
        var before = allocator.Revision;

        var soon = Assert.Single(Ask(allocator, "a", Run, Begin + TimeSpan.FromSeconds(5), claims).Grants);
        Assert.Equal(before, allocator.Revision);
        Assert.Equal(95_000, soon.DurationMilliseconds);

        var later = Assert.Single(Ask(allocator, "a", Run, Begin + TimeSpan.FromSeconds(21), claims).Grants);
        Assert.True(allocator.Revision > before);
        Assert.Equal(100_000, later.DurationMilliseconds);
    }

    [Fact]
    public void Acquire_OneAfterAnother_ComesBackToABlockOnlyAfterAllOthers()
    {
        var allocator = New("198.51.100.0/24", 28);
        List<Prefix> order = [];
        var now = Begin;
        for (var i = 0; i < 40; i++)
        {
            var grant = Assert.Single(Ask(allocator, "a", Run, now).Grants);
            order.Add(grant.Prefix);
            allocator.Answer(
                new LeaseRequest("a", Run, false, [], [new LeaseClaim("pool", grant.Prefix, grant.Epoch)]), now);
            now += Timings.Quarantine + Timings.LeaseTime + Timings.MaxClockSkew;
            allocator.Expire(now);
        }

        for (var i = 0; i + 16 <= order.Count; i++)
            Assert.Equal(16, order.Skip(i).Take(16).Distinct().Count());
    }

    [Fact]
    public void Epoch_OfEveryGrant_IsAboveThoseBefore()
    {
        var allocator = New("198.51.100.0/30", 30);
        var first = Assert.Single(Ask(allocator, "a", Run, Begin).Grants);
        allocator.Expire(Begin + Timings.LeaseTime);
        var later = Begin + Timings.LeaseTime + Timings.Quarantine + 2 * Timings.MaxClockSkew;

        var second = Assert.Single(Ask(allocator, "b", Run, later).Grants);
        var anew = Assert.Single(Ask(New("198.51.100.0/30", 30, later), "c", Run, later).Grants);

        Assert.Equal(first.Prefix, second.Prefix);
        Assert.True(second.Epoch > first.Epoch);
        Assert.True(anew.Epoch > second.Epoch);
    }

    [Fact]
    public void CrashLoop_OfOneNode_DoesNotUseThePoolUp()
    {
        var allocator = New("198.51.100.0/24", 28);
        LeaseAnswer? last = null;
        for (var i = 0; i < 20; i++)
            last = Ask(allocator, "crashing", Guid.NewGuid(), Begin);

        Assert.Contains("crashing", last!.Fault, StringComparison.Ordinal);
        Assert.Equal((8, 8), (allocator.ToInfo().Held, allocator.ToInfo().Free));
        Assert.Null(Ask(allocator, "other", Run, Begin).Fault);
    }

    [Fact]
    public void Exclude_OfALiveLease_TakesNothingBack()
    {
        var allocator = New("198.51.100.0/24", 28);
        var grant = Assert.Single(Ask(allocator, "a", Run, Begin).Grants);

        allocator.Exclude([grant.Prefix, Prefix.Parse("198.51.100.0/26"), Prefix.Parse("198.51.100.32/27")]);

        var again = Assert.Single(
            Ask(allocator, "a", Run, Begin, new LeaseClaim("pool", grant.Prefix, grant.Epoch)).Grants);
        Assert.Equal(grant.Prefix, again.Prefix);
        var info = allocator.ToInfo();
        Assert.Equal(16, info.Held + info.Free + info.Excluded);
        for (var i = 0; i < (int)info.Free; i++)
            Assert.False(Prefix.Parse("198.51.100.0/26")
                .Contains(Ask(allocator, $"n{i}", Run, Begin).Grants[0].Prefix));
        Assert.NotNull(Ask(allocator, "late", Run, Begin).Fault);
    }

    [Fact]
    public void Recovery_UntilAllLeasesOfBeforeHaveRunOut_AdoptsAndGrantsNothing()
    {
        var pool = Pool("198.51.100.0/24", 28);
        var allocator = new PrefixAllocator(
            PrefixAllocator.Create(pool, new Random(1), Begin, Begin + Timings.LeaseTime), Timings);
        var block = Prefix.Parse("198.51.100.16/28");
        var old = new LeaseClaim("pool", block, Begin.ToUnixTimeMilliseconds() - 5);

        Assert.NotNull(Ask(allocator, "b", Run, Begin).Fault);
        Assert.Equal(block, Assert.Single(Ask(allocator, "a", Run, Begin, old).Grants).Prefix);
        Assert.Empty(Ask(allocator, "c", Run, Begin, old).Grants);
        Assert.Empty(Ask(allocator, "d", Run, Begin, old with { Prefix = Prefix.Parse("198.51.101.0/28") }).Grants);
        // By a clock that was a little ahead; and by none that there is.
        var ahead = new LeaseClaim("pool", Prefix.Parse("198.51.100.32/28"), Begin.ToUnixTimeMilliseconds() + 5);
        Assert.Equal(ahead.Prefix, Assert.Single(Ask(allocator, "e", Run, Begin, ahead).Grants).Prefix);
        Assert.Empty(Ask(allocator, "g", Run, Begin, new LeaseClaim(
            "pool", Prefix.Parse("198.51.100.48/28"), Begin.ToUnixTimeMilliseconds() + (1L << 40))).Grants);
        Assert.NotNull(Ask(allocator, "b", Run, Begin + Timings.LeaseTime - TimeSpan.FromMilliseconds(1)).Fault);
        Assert.NotEqual(block, Assert.Single(Ask(allocator, "b", Run, Begin + Timings.LeaseTime).Grants).Prefix);
        Assert.DoesNotContain(
            Ask(allocator, "f", Run, Begin + Timings.LeaseTime,
                old with { Prefix = Prefix.Parse("198.51.100.64/28") }).Grants,
            static grant => grant.Prefix == Prefix.Parse("198.51.100.64/28"));
    }

    [Fact]
    public void Redefine_WithQuarantinedMisfits_GivesThemToTheCaller()
    {
        var allocator = New("198.51.100.0/24", 28);
        var grant = Assert.Single(Ask(allocator, "a", Run, Begin).Grants);
        LeaseClaim[] claims = [new("pool", grant.Prefix, grant.Epoch)];
        Assert.Equal(FleetStatus.Conflict, allocator.Redefine(Pool("198.51.100.0/24", 29), Begin).Status);
        allocator.Answer(new LeaseRequest("a", Run, false, [], claims), Begin);

        var redefined = allocator.Redefine(Pool("198.51.100.0/24", 29), Begin);

        Assert.Equal([grant.Prefix], redefined.Value!.Select(lease => lease.Prefix));
        Assert.Equal((32, 32), (allocator.ToInfo().Blocks, allocator.ToInfo().Free));
    }

    [Fact]
    public void Pool_OfAMillionBlocks_IsFilledToTheLastWithoutASearchOfEach()
    {
        var pool = Pool("2001:db8::/44", 64);
        var state = PrefixAllocator.Create(pool, new Random(1), Begin) with
        {
            Leases = [.. Enumerable.Range(0, 2000).Select(i => new PrefixLease(
                pool.Prefix.Block((UInt128)(i * 500), 64), $"n{i}", Run, i + 1, LeaseState.Held,
                Begin + Timings.LeaseTime))],
        };
        var allocator = new PrefixAllocator(state, Timings);
        // All but a thousand blocks are excluded, in as many ranges as there may be nodes.
        allocator.Exclude([.. Enumerable.Range(0, 1 << 10).Select(i => i).Where(i => i != 700)
            .Select(i => pool.Prefix.Block((UInt128)i, 54))]);

        var free = allocator.ToInfo().Free;
        Assert.InRange(free, 1, 1 << 10);
        for (var i = 0; i < free; i++)
        {
            var grant = Assert.Single(Ask(allocator, $"m{i}", Run, Begin).Grants);
            Assert.True(pool.Prefix.Block(700, 54).Contains(grant.Prefix));
        }
        Assert.Contains("exhausted", Ask(allocator, "late", Run, Begin).Fault, StringComparison.Ordinal);
    }

    private static PrefixPool Pool(string prefix, int length) =>
        new() { Name = "pool", Prefix = Prefix.Parse(prefix), BlockLength = length };

    private static PrefixAllocator New(string prefix, int length, DateTimeOffset? now = null) =>
        new(PrefixAllocator.Create(Pool(prefix, length), new Random(1), now ?? Begin), Timings);

    private static LeaseAnswer Ask(
        PrefixAllocator allocator, string node, Guid run, DateTimeOffset now, params LeaseClaim[] claims) =>
        allocator.Answer(new LeaseRequest(node, run, IsWanted: true, claims, []), now);
}
