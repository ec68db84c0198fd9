using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>What one node's word keeps from a pool is no more than it may have of that pool.</summary>
public sealed class ExclusionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly CatalogDecider _catalog = new();

    public ExclusionTests()
    {
        Put("edge", "2001:db8::/40", 56);
        Put("small", "2001:db8:1000::/61", 64);
    }

    /// <summary>The room of one pool is none of the other's.</summary>
    [Theory]
    [InlineData("2001:db8::/32")]
    [InlineData("2001:db8::/33")]
    public void Excluded_AClaimOverTwoPools_KeepsNothingFromEither(string claim)
    {
        Assert.Empty(_catalog.Excluded([], [Found("liar", claim)], static node => node, Now).Prefixes);
        Assert.Empty(_catalog.Excluded([("liar", Prefix.Parse(claim))], [], static node => node, Now).Prefixes);
    }

    [Fact]
    public void Excluded_OfASmallPool_IsHalfOfItAtMost()
    {
        Prefix[] claims = [.. Enumerable.Range(0, 8).Select(static i => Prefix.Parse($"2001:db8:1000:{i}::/64"))];

        Assert.Equal(4, _catalog.Excluded([.. claims.Select(static one => ("liar", one))], [], static node => node, Now).Prefixes.Count);
        Assert.Equal(4, _catalog.Excluded(
            [], [.. claims.Select(static one => Found("liar", $"{one}"))], static node => node, Now).Prefixes.Count);
        // Another's word has its own room.
        Assert.Equal(5, _catalog.Excluded(
            [.. claims.Select(static one => ("liar", one)), ("honest", claims[7])], [], static node => node, Now).Prefixes.Count);
    }

    /// <summary>What is kept from none takes the room of none.</summary>
    [Fact]
    public void Excluded_AClaimThatCoversBothPools_IsNotChargedToEither()
    {
        var catalog = new CatalogDecider();
        foreach (var (name, prefix) in (ReadOnlySpan<(string, string)>)[("a", "2001:db8::/62"), ("b", "2001:db8:0:4::/62")])
            catalog.Put(PoolOf(name, prefix, 64));

        // Each has four blocks, of which a node may keep two.
        var both = Found("liar", "2001:db8:0:0::/61");
        LeaseInfo[] halves = [Found("liar", "2001:db8::/63"), Found("liar", "2001:db8:0:4::/63")];
        LeaseInfo[] more = [Found("liar", "2001:db8:0:2::/64"), Found("liar", "2001:db8:0:6::/64")];

        Assert.Equal(halves.Select(static one => one.Prefix), catalog.Excluded([], [both, .. halves, .. more], static node => node, Now).Prefixes);
    }

    /// <summary>What is kept from no pool is granted by one: its node is to give it back. What no pool has is left alone.</summary>
    [Fact]
    public void Excluded_OfWhatIsHeldBeyondTheBound_IsToBeGivenBack()
    {
        LeaseInfo[] found = [.. Enumerable.Range(0, 8).Select(static i => Found("liar", $"2001:db8:1000:{i}::/64")), Found("liar", "2001:db9::/64")];

        var excluded = _catalog.Excluded([], found, static node => node, Now);

        Assert.Equal(found[..4].Select(static one => one.Prefix), excluded.Prefixes);
        Assert.Equal(found[4..8], excluded.Beyond);
        // Of itself a pool knows better than the catalog, which may have lost a change.
        Assert.Empty(_catalog.Excluded([], [.. found.Select(static one => one with { Pool = "small" })], static node => node, Now).Beyond);
    }

    [Fact]
    public void TakenBack_AtATime_AreSomeOfEachOwner()
    {
        LeaseInfo[] beyond =
        [
            .. Enumerable.Range(0, 100).Select(static i => Found("silent", $"2001:db8:1:{i:x}::/64")),
            .. Enumerable.Range(0, 100).Select(static i => Found("liar", $"2001:db8:2:{i:x}::/64") with
            {
                State = i == 0 ? LeaseState.Releasing : LeaseState.Held,
            }),
            Found("other", "2001:db8:3::/64"),
        ];

        var some = new Exclusions([], beyond).TakeBack(8, static node => node == "silent" ? null : node);

        Assert.Equal([beyond[101], beyond[200], .. beyond[102..108]], some);
    }

    private void Put(string name, string prefix, int blockLength) => _catalog.Put(PoolOf(name, prefix, blockLength));

    private static PrefixPool PoolOf(string name, string prefix, int blockLength) =>
        new() { Name = name, Prefix = Prefix.Parse(prefix), BlockLength = blockLength, Version = "1" };

    private static LeaseInfo Found(string node, string prefix) => new()
    {
        Pool = "other",
        Prefix = Prefix.Parse(prefix),
        Node = node,
        Epoch = 1,
        State = LeaseState.Held,
        ExpiresAt = Now,
    };
}
