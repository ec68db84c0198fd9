using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>What nodes hold of a pool that nobody has defined.</summary>
public class FoundPoolTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FoundPool _pool = new("edge", Timings);

    [Fact]
    public void Answer_ToAClaim_RenewsIt_AndGrantsNothingElse()
    {
        var answer = Ask("a", Now, Claim("2001:db8::/64", 7));

        var grant = Assert.Single(answer.Grants);
        Assert.Equal(
            ("edge", Prefix.Parse("2001:db8::/64"), 7L, 100_000L, false),
            (grant.Pool, grant.Prefix, grant.Epoch, grant.DurationMilliseconds, grant.IsReleasing));
        Assert.Null(answer.Fault);
        var other = Ask("b", Now);
        Assert.Empty(other.Grants);
        Assert.Equal("there is no pool edge", other.Fault);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    public void Answer_ToTwoWhoClaimOneBlock_LeavesItToTheLaterGrant(long epoch, bool keepsFirst)
    {
        Ask("a", Now, Claim("2001:db8::/64", 7));

        Assert.Equal(keepsFirst, Assert.Single(Ask("b", Now, Claim("2001:db8::/64", epoch)).Grants).IsReleasing);
        Assert.Equal(!keepsFirst, Assert.Single(Ask("a", Now, Claim("2001:db8::/64", 7)).Grants).IsReleasing);
        Assert.Single(_pool.Leases);
    }

    [Fact]
    public void Lease_ThatNobodyClaimsForALeaseTime_IsQuarantinedAndForgotten()
    {
        Ask("a", Now, Claim("2001:db8::/64", 7));
        var end = Now + Timings.LeaseTime;

        _pool.Expire(end - TimeSpan.FromMilliseconds(1));
        Assert.True(Assert.Single(_pool.Leases).IsLive);
        _pool.Expire(end);
        Assert.False(Assert.Single(_pool.Leases).IsLive);
        Assert.Null(_pool.ToInfo());
        _pool.Expire(end + Timings.Quarantine + Timings.MaxClockSkew);
        Assert.Empty(_pool.Leases);
    }

    [Fact]
    public void Info_HasThePrefixThatCoversWhatIsHeld()
    {
        Ask("a", Now, Claim("2001:db8:0:2::/64", 7));
        Ask("b", Now, Claim("2001:db8:0:7::/64", 8));

        var info = _pool.ToInfo()!;

        Assert.Equal(
            (true, Prefix.Parse("2001:db8::/61"), 64, 2L),
            (info.IsFound, info.Pool.Prefix, info.Pool.BlockLength, info.Held));
    }

    [Theory]
    [InlineData("::/0", 8)]
    [InlineData("2000::/3", 8)]
    [InlineData("2001:db8:1::/64", 1L << 53)]
    public void Claim_ThatNoGrantCanBe_IsNotRenewed(string prefix, long epoch)
    {
        Assert.Empty(Ask("b", Now, Claim(prefix, epoch)).Grants);
        Assert.Empty(_pool.Leases);
    }

    [Theory]
    [InlineData("192.0.2.0/28")]
    [InlineData("2001:db8::/32")]
    public void Claim_ThatIsNoBlockBesideOthers_TakesNothingFromThem(string prefix)
    {
        Ask("liar", Now, Claim(prefix, 9));
        Ask("a", Now, Claim("2001:db8::/64", 7));
        Ask("b", Now, Claim("2001:db8:0:1::/64", 8));
        Ask("liar", Now, Claim(prefix, 9));

        Assert.False(Assert.Single(Ask("a", Now, Claim("2001:db8::/64", 7)).Grants).IsReleasing);
        Assert.False(Assert.Single(Ask("b", Now, Claim("2001:db8:0:1::/64", 8)).Grants).IsReleasing);
    }

    [Fact]
    public void Leases_WhenTheClockIsSet_GoOn()
    {
        Ask("a", Now, Claim("2001:db8::/64", 7));
        var day = TimeSpan.FromDays(1);

        _pool.OnClockStep(day);

        Assert.False(Assert.Single(Ask("a", Now + day, Claim("2001:db8::/64", 7)).Grants).IsReleasing);
    }

    [Fact]
    public void Lease_ThatIsRevoked_IsNotRenewed()
    {
        Ask("a", Now, Claim("2001:db8::/64", 7));
        _pool.Revoke(Prefix.Parse("2001:db8::/64"));

        var grant = Assert.Single(Ask("a", Now + TimeSpan.FromSeconds(1), Claim("2001:db8::/64", 7)).Grants);

        Assert.Equal((true, 0L), (grant.IsReleasing, grant.DurationMilliseconds));
        Assert.Equal(Now + Timings.LeaseTime, Assert.Single(_pool.Leases).ExpiresAt);
    }

    [Fact]
    public void Claims_OfOneNode_AreBounded()
    {
        var claims = Enumerable.Range(0, 20).Select(i => Claim($"2001:db8:0:{i:x}::/64", i)).ToArray();

        Ask("a", Now, claims);

        Assert.Equal(FoundPool.MaxBlocksPerNode, _pool.Leases.Count);
    }

    private LeaseAnswer Ask(string node, DateTimeOffset now, params LeaseClaim[] claims) =>
        _pool.Answer(new LeaseRequest(node, new Guid(node[0], 0, 0, new byte[8]), IsWanted: true, claims, []), now);

    private static LeaseClaim Claim(string prefix, long epoch) => new("edge", Prefix.Parse(prefix), epoch);
}
