using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>What the names of a token of many nodes may have of a pool together.</summary>
public class ShareTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ReportSender Sender = new("edge-*", "192.0.2.66");

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(3, 1, 0)]
    [InlineData(4, 2, 1)]
    [InlineData(6, 8, 4)]
    [InlineData(8, 32, 16)]
    public void Names_ThatAskForAllBlocks_LeaveTheirPartToOthers(int bits, int leftOfSource, int leftOfToken)
    {
        var (allocator, blocks) = (New(bits), 1 << bits);

        for (var i = 0; i < 2 * blocks; i++)
            Ask(allocator, $"a{i}", Sender);
        Assert.Equal(leftOfSource, allocator.ToInfo().Free);
        // As many sources as names.
        for (var i = 0; i < 2 * blocks; i++)
            Ask(allocator, $"b{i}", Sender with { Source = $"192.0.3.{i}" });
        Assert.Equal(leftOfToken, allocator.ToInfo().Free);
        for (var i = 0; i < leftOfToken; i++)
            Assert.Single(Ask(allocator, $"c{i}", sender: null).Grants);
        Assert.Equal(0, allocator.ToInfo().Free);
    }

    [Fact]
    public void Names_WhoseBlocksAreQuarantined_HaveThemStill()
    {
        var allocator = New(bits: 4);
        for (var i = 0; i < 14; i++)
        {
            var grant = Assert.Single(Ask(allocator, $"a{i}", Sender).Grants);
            allocator.Answer(Request($"a{i}", Sender) with { IsWanted = false, Released = [new LeaseClaim("pool", grant.Prefix, grant.Epoch)] }, Begin);
        }

        Assert.Contains("keep 14 of the 16 blocks of pool pool, 14 of them at 192.0.2.66", Ask(allocator, "more", Sender).Fault, StringComparison.Ordinal);
        var later = Begin + Timings.LeaseTime + Timings.Quarantine + (2 * Timings.MaxClockSkew);
        Assert.Single(allocator.Answer(Request("more", Sender), later).Grants);
    }

    [Fact]
    public void Refusal_IsShownUntilNobodyHasBeenRefusedForALeaseTime()
    {
        var allocator = New(bits: 4);
        for (var i = 0; i < 100; i++)
            Ask(allocator, $"a{i}", Sender with { Source = $"192.0.2.{i}" });

        Assert.Contains("token edge-* keep 15 of the 16 blocks of pool pool, 0 of them at 192.0.2.99", Assert.Single(allocator.ToInfo().SharedOut), StringComparison.Ordinal);
        allocator.Expire(Begin + Timings.LeaseTime);
        Assert.Empty(allocator.ToInfo().SharedOut);
    }

    [Fact]
    public void Runs_OfOneNameBesideOthersOfItsToken_CountToThatToken()
    {
        var allocator = New(bits: 4);
        for (var i = 0; i < 8; i++)
            Assert.Single(Ask(allocator, $"y{i}", Sender with { Source = $"192.0.3.{i}" }).Grants);

        for (var run = 0; run < 20; run++)
            allocator.Answer(Request("x", Sender) with { Incarnation = Guid.NewGuid() }, Begin);

        Assert.Equal(1, allocator.ToInfo().Free);
    }

    [Fact]
    public void Pool_OfWhatWasFoundOfOneTokenAtTwoSources_HasNoMoreThanTheTokenMayHave()
    {
        var pool = New(bits: 4).Pool;
        var found = Enumerable.Range(0, 16).Select(i => new PrefixLease(
            pool.Prefix.Block((UInt128)i, pool.BlockLength), $"a{i}", Guid.NewGuid(), 1 + i, LeaseState.Held, Begin + Timings.LeaseTime)
        {
            Sender = Sender with { Source = $"192.0.2.{i % 2}" },
        }).ToArray();

        var leases = PrefixAllocator.Create(pool, new Random(1), Begin, Begin + Timings.LeaseTime, found).Leases;

        Assert.Equal(["a15"], leases.Where(static lease => lease.State == LeaseState.Releasing).Select(static lease => lease.Node));
    }

    [Fact]
    public void Claims_AfterALoss_AreAdoptedAsFarAsTheyMayBeHeld()
    {
        var pool = New(bits: 4).Pool;
        var allocator = new PrefixAllocator(PrefixAllocator.Create(pool, new Random(1), Begin, Begin + Timings.LeaseTime), Timings);

        for (var i = 0; i < 16; i++)
        {
            var claim = new LeaseClaim("pool", pool.Prefix.Block((UInt128)i, pool.BlockLength), 1 + i);
            allocator.Answer(Request($"a{i}", Sender) with { Claims = [claim] }, Begin);
        }

        Assert.Equal((14, 2), (allocator.ToInfo().Held, allocator.ToInfo().Free));
    }

    [Fact]
    public void Claims_AfterALoss_OfWhoIsHeardLast_AreAdoptedAsThoseOfTheFirst()
    {
        var pool = New(bits: 4).Pool;
        var allocator = new PrefixAllocator(PrefixAllocator.Create(pool, new Random(1), Begin, Begin + Timings.LeaseTime), Timings);

        for (var i = 0; i < 16; i++)
        {
            var claim = new LeaseClaim("pool", pool.Prefix.Block((UInt128)i, pool.BlockLength), 1 + i);
            allocator.Answer(Request($"a{i}", i < 8 ? null : Sender) with { Claims = [claim] }, Begin);
        }

        Assert.Equal(16, allocator.ToInfo().Held);
    }

    // Of as many nodes as docs/fleet.md says that it has blocks for, each starts again before a quarantine is over.
    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(4, 7, 1)]
    [InlineData(5, 14, 1)]
    [InlineData(6, 28, 1)]
    [InlineData(3, 3, 3)]
    [InlineData(4, 7, 7)]
    [InlineData(5, 15, 15)]
    [InlineData(6, 30, 30)]
    public void Nodes_OfOneToken_AllStartAgainInAPoolOfTheDocumentedSize(int bits, int nodes, int sources)
    {
        var allocator = New(bits);
        for (var run = 0; run < 2; run++)
        {
            for (var i = 0; i < nodes; i++)
            {
                var request = Request($"a{i}", Sender with { Source = $"192.0.2.{i % sources}" }) with { Incarnation = Guid.NewGuid() };
                Assert.Single(allocator.Answer(request, Begin).Grants);
            }
        }
    }

    [Fact]
    public void Pool_OfWhatWasFound_HasThoseOfFirstAndTheOthersAreGivenBack()
    {
        var pool = New(bits: 4).Pool;
        var found = Enumerable.Range(0, 16).Select(i => new PrefixLease(
            pool.Prefix.Block((UInt128)i, pool.BlockLength), $"a{i}", Guid.NewGuid(), 100 - i, LeaseState.Held, Begin + Timings.LeaseTime)
        {
            Sender = i == 3 ? null : Sender,
        }).ToArray();

        var leases = PrefixAllocator.Create(pool, new Random(1), Begin, Begin + Timings.LeaseTime, found).Leases;

        Assert.Equal(["a0"], leases.Where(static lease => lease.State == LeaseState.Releasing).Select(static lease => lease.Node));
    }

    [Fact]
    public void Claims_OfAPoolThatIsNotDefined_AreRenewedForOneASourceName()
    {
        var pool = new FoundPool("pool", Timings);

        for (var i = 0; i < 100; i++)
        {
            LeaseClaim[] claims = [.. Enumerable.Range(0, 8).Select(n => new LeaseClaim("pool", Prefix.Parse($"2001:db8:{i:x}:{n}::/64"), 1))];
            pool.Answer(Request($"a{i}", Sender) with { Claims = claims }, Begin);
        }

        Assert.Equal(FoundPool.MaxBlocksOfSender, pool.Leases.Count);
        pool.Answer(Request("own", null) with { Claims = [new LeaseClaim("pool", Prefix.Parse("2001:db9::/64"), 1)] }, Begin);
        Assert.Equal(FoundPool.MaxBlocksOfSender + 1, pool.Leases.Count);
    }

    private static LeaseAnswer Ask(PrefixAllocator allocator, string node, ReportSender? sender) => allocator.Answer(Request(node, sender), Begin);

    private static LeaseRequest Request(string node, ReportSender? sender) =>
        new(node, new Guid(node.Length, 1, 1, [.. node.PadRight(8)[..8].Select(static c => (byte)c)]), IsWanted: true, [], []) { Sender = sender };

    private static PrefixAllocator New(int bits) => new(
        PrefixAllocator.Create(
            new PrefixPool { Name = "pool", Prefix = Prefix.Parse($"2001:db8::/{64 - bits}"), BlockLength = 64 }, new Random(1), Begin),
        Timings);
}
