using FsCheck;
using FsCheck.Fluent;
using Relay.Fleet.Limits;

namespace Relay.Fleet.Tests.Limits;

public class IdentitySharesTests
{
    private static readonly FleetTimings Timings = new();
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(100, 1, 100, 100)]
    [InlineData(100, 2, 25, 25)]
    [InlineData(100, 50, 16, 1)]
    [InlineData(100, 1000, 16, 1)]
    [InlineData(16, 3, 16, 2)]
    [InlineData(4, 3, 4, 1)]
    [InlineData(1, 3, 1, 1)]
    [InlineData(0, 3, 0, 0)]
    public void Opening_OfALimit_IsHalfOfItOverTheNodes_AndOfFewThingsAll(long limit, int nodes, long things, long rate)
    {
        var opening = IdentityShares.Opening(
            new IdentityLimit { Sessions = limit, Tunnels = limit, BytesPerSecond = limit }, nodes);

        Assert.Equal((things, things, rate), (opening.Sessions, opening.Tunnels, opening.BytesPerSecond));
    }

    [Fact]
    public void Report_OfTheLastOfASmallLimit_LeavesOthersThatAndNoMore()
    {
        var shares = new IdentityShares("anonymous", Timings);
        var limit = new IdentityLimit { Sessions = 4 };
        IdentityLimit At(string node, long sessions, bool wants = false) =>
            shares.Report(node, new IdentityUsage("anonymous", sessions, 0, 0, wants), limit, 3, Begin);

        Assert.Equal(4, At("a", 3).Sessions);
        // Begun here at the same moment, before a report could tell: one more is left, and not the four of the opening share.
        Assert.Equal(1, At("b", 0, wants: true).Sessions);
        Assert.Equal(1, At("c", 1).Sessions);
        Assert.Equal(0, At("b", 0, wants: true).Sessions);
        Assert.Equal(0, At("b", 0).Sessions);
        Assert.Equal(3, At("a", 3).Sessions);
    }

    [Fact]
    public void Report_WithoutLimit_GivesNone()
    {
        var shares = new IdentityShares("anonymous", Timings);

        var given = shares.Report(
            "a", new IdentityUsage("anonymous", 5, 5, 5), new IdentityLimit { Tunnels = 10 }, 1, Begin);

        Assert.Equal((null, 10, null), (given.Sessions, given.Tunnels, given.BytesPerSecond));
    }

    [Fact]
    public void Report_OfUseBelowALoweredLimit_IsNeverZeroWhereItCanBeAvoided()
    {
        var shares = new IdentityShares("anonymous", Timings);
        var limit = new IdentityLimit { Sessions = 3 };
        for (var round = 0; round < 5; round++)
        {
            foreach (var node in (string[])["a", "b", "c"])
                shares.Report(node, new IdentityUsage("anonymous", 20, 0, 0, Wants: true), limit, 3, Begin);
        }

        foreach (var node in (string[])["a", "b", "c"])
            Assert.Equal(1,
                shares.Report(node, new IdentityUsage("anonymous", 20, 0, 0, Wants: true), limit, 3, Begin).Sessions);
    }

    [Fact]
    public void Report_OfANodeThatFellSilent_FreesItsShare()
    {
        var shares = new IdentityShares("anonymous", Timings);
        var limit = new IdentityLimit { BytesPerSecond = 1000 };
        var wants = new IdentityUsage("anonymous", 0, 0, 400, Wants: true);
        for (var second = 0; second < 5; second++)
        {
            shares.Report("a", wants, limit, 2, Begin);
            shares.Report("b", wants, limit, 2, Begin);
        }
        Assert.Equal(500, shares.Report("a", wants, limit, 2, Begin).BytesPerSecond);

        var later = Begin + Timings.NodeTimeout + TimeSpan.FromSeconds(1);
        Assert.Equal(1000, shares.Report("a", wants, limit, 1, later).BytesPerSecond);
        shares.Forget("a");
        Assert.True(shares.IsIdle);
    }

    private sealed record Step(int Node, int Kind, int Amount);

    private static readonly Gen<Step> AnyStep =
        from node in Gen.Choose(0, 4)
        from kind in Gen.Choose(0, 9)
        from amount in Gen.Choose(0, 100)
        select new Step(node, kind, amount);

    /// <summary>What nodes may use, by the allowance that each last heard of, is bounded at every moment.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(1000)]
    public void Allowances_InForce_StayWithinTheStatedBound(long limit) =>
        Properties.CheckHistories(AnyStep, 150, 700, history =>
        {
            const int nodes = 5;
            var shares = new IdentityShares("anonymous", Timings);
            var rule = new IdentityLimit { Tunnels = limit, BytesPerSecond = limit };
            var opening = IdentityShares.Opening(rule, nodes);
            var allowed = Enumerable.Repeat(opening, nodes).ToArray();
            var tunnels = new long[nodes];
            var bytes = new long[nodes];
            foreach (var (node, kind, amount) in history)
            {
                var may = allowed[node];
                // A node opens tunnels up to its allowance and no further; they end as they like; a rate follows at
                // once.
                if (kind < 5)
                    tunnels[node] =
                        Math.Max(tunnels[node], Math.Min(may.Tunnels!.Value, tunnels[node] + amount * limit / 100));
                else if (kind < 7)
                    tunnels[node] -= tunnels[node] * amount / 100;
                bytes[node] = may.BytesPerSecond!.Value * amount / 100;
                var usage = new IdentityUsage("anonymous", 0, tunnels[node], bytes[node], Wants: kind is 0 or 1 or 2);
                allowed[node] = shares.Report($"n{node}", usage, rule, nodes, Begin);

                // As docs/fleet.md says it.
                var bound = limit + (nodes - 1) * Math.Min(limit, Math.Max(16, limit / (2 * nodes)));
                var boundOfRate = limit + (nodes - 1) * Math.Max(1, limit / (2 * nodes));
                Assert.InRange(allowed.Sum(each => each.BytesPerSecond!.Value), 0, boundOfRate);
                Assert.InRange(tunnels.Sum(), 0, bound);
                Assert.InRange(tunnels.Zip(allowed)
                    .Sum(each => Math.Max(each.First, each.Second.Tunnels!.Value)), 0, bound);
                Assert.True(allowed[node].BytesPerSecond > 0);
            }
        });

    /// <summary>A node that wants more, while others use nothing, has all of it within a few reports.</summary>
    [Fact]
    public void Allowances_OfOneNodeThatWants_ReachTheLimit() =>
        Properties.CheckHistories(AnyStep, 60, 300, history =>
        {
            var shares = new IdentityShares("anonymous", Timings);
            var rule = new IdentityLimit { Tunnels = 100, BytesPerSecond = 100 };
            foreach (var (node, kind, amount) in history)
                shares.Report(
                    $"n{node}", new IdentityUsage("anonymous", 0, amount, amount, Wants: kind < 5), rule, 5, Begin);
            IdentityLimit given = new();
            for (var round = 0; round < 4; round++)
            {
                for (var node = 1; node < 5; node++)
                    shares.Report($"n{node}", null, rule, 5, Begin);
                given = shares.Report("n0", new IdentityUsage("anonymous", 0, 1, 1, Wants: true), rule, 5, Begin);
            }

            Assert.Equal((100, 100), (given.Tunnels, given.BytesPerSecond));
        });
}
