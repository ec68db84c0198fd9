using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>Limits by identity, over all nodes.</summary>
public abstract class LimitBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private const string Alice = "credential:alice";

    [Fact]
    public async Task Limit_ThatIsPut_IsThereUntilItIsDeleted()
    {
        var put = await PutAsync(Alice, 10, expectedVersion: "");
        Assert.Equal(FleetStatus.Ok, put.Status);
        var version = put.Value!.Version;

        Assert.Equal(FleetStatus.PreconditionFailed, (await PutAsync(Alice, 11, expectedVersion: "")).Status);
        Assert.Equal(version, (await PutAsync(Alice, 10)).Value!.Version);
        Assert.Equal(FleetStatus.Ok, (await PutAsync(Alice, 12, version)).Status);
        Assert.Equal(FleetStatus.Ok, (await PutAsync("*", 3)).Status);
        Assert.Equal(["*", Alice], (await Fleet.ListLimitsAsync(Cancellation)).Select(rule => rule.Identity));
        Assert.Equal(
            FleetStatus.PreconditionFailed, (await Fleet.DeleteLimitAsync(Alice, version, Cancellation)).Status);
        Assert.Equal(FleetStatus.Ok, (await Fleet.DeleteLimitAsync(Alice, null, Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.DeleteLimitAsync(Alice, null, Cancellation)).Status);
    }

    [Theory]
    [InlineData("alice", 10L, "identity")]
    [InlineData("credential:", 10L, "identity")]
    [InlineData("user:", 10L, "identity")]
    [InlineData("user:Alice", 10L, "identity")]
    [InlineData("user:https://id.example|alice", 10L, "identity")]
    [InlineData("jwt:", 10L, "identity")]
    [InlineData(Alice, -1L, "limit.tunnels")]
    public async Task Limit_ThatMakesNoSense_IsRefusedByField(string identity, long tunnels, string field)
    {
        var put = await PutAsync(identity, tunnels);

        Assert.Equal((FleetStatus.Invalid, field), (put.Status, put.Field));
    }

    [Fact]
    public async Task Limit_OfAnIdentityAtOneNode_IsAllItsOwn()
    {
        var (a, _, _) = (await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c"));
        await PutAsync(Alice, 90);
        a.Open("a");
        a.Identities = [new IdentityUsage(Alice, 1, 15, 0, Wants: true)];

        await World.UntilAsync("a may use all of it", () => TunnelsOf(a) == 90);
    }

    [Fact]
    public async Task Limit_OfAnIdentityThatUsesNothing_LeavesRoomToBegin()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        await PutAsync(Alice, 100);

        await World.UntilAsync("both are told", () => TunnelsOf(a) is not null && TunnelsOf(b) is not null);

        Assert.Equal((25, 25), (TunnelsOf(a), TunnelsOf(b)));
    }

    [Theory]
    [InlineData(Alice)]
    [InlineData("*")]
    public async Task Limit_OfFewSessions_IsWholeWhereSomebodyBegins(string identity)
    {
        SimulatedNode[] nodes = [await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c")];
        await Fleet.PutLimitAsync(
            new LimitRule { Identity = identity, Limit = new IdentityLimit { Sessions = 4 } }, null, Cancellation);

        // A phone opens three at once, wherever it does.
        await World.UntilAsync("all are told", () => nodes.All(node => SessionsOf(node) == 4));
        foreach (var i in Enumerable.Range(0, 4))
            nodes[0].Open($"phone-{i}", Alice);
        nodes[0].Identities = [new IdentityUsage(Alice, 4, 0, 0)];
        nodes[1].Open("phone-again", Alice);
        nodes[1].Identities = [new IdentityUsage(Alice, 0, 0, 0, Wants: true)];

        await World.UntilAsync("there are no more", () => SessionsOf(nodes[1]) == 0);
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal(0, SessionsOf(nodes[1]));
        nodes[0].Identities = [new IdentityUsage(Alice, 3, 0, 0)];
        await World.UntilAsync("one is free again", () => SessionsOf(nodes[1]) > 0);
        Assert.Equal(1, SessionsOf(nodes[1]));
    }

    [Fact]
    public async Task Limit_OfAnIdentityThatIsUsedUp_LeavesOthersNothing()
    {
        var (a, b, c) = (await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c"));
        var d = await World.JoinAsync("d");
        await PutAsync("*", 20);
        foreach (var node in (SimulatedNode[])[a, b, c])
            node.Open($"of-{node.Name}");
        a.Identities = [new IdentityUsage(Alice, 1, 15, 0)];
        b.Identities = [new IdentityUsage(Alice, 1, 5, 0)];

        await World.UntilAsync("c is told", () => TunnelsOf(c) == 0);
        await World.RunAsync(5 * Timings.ReportInterval);
        // One without a session of it is told of nobody.
        Assert.Empty(d.LastDirective!.Limits);

        Assert.Equal((15, 5, 0), (TunnelsOf(a), TunnelsOf(b), TunnelsOf(c)));
        a.Identities = [];
        await World.UntilAsync("c may begin again", () => TunnelsOf(c) is null or > 0);
    }

    [Fact]
    public async Task Limit_ThatIsUsedUp_LeavesNoShareOfBefore_WhateverAsksWhen()
    {
        var (a, b, c) = (await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c"));
        await PutAsync(Alice, 20);
        foreach (var node in World.Nodes)
            node.Open($"of-{node.Name}");
        a.Identities = [new IdentityUsage(Alice, 1, 3, 0)];
        c.Identities = [new IdentityUsage(Alice, 1, 1, 0)];
        for (var phase = 0; phase < 5; phase++)
        {
            await World.RunAsync((10 + phase) * Timings.ReportInterval);
            Assert.True(TunnelsOf(c) > 1);
            Assert.Equal(16, TunnelsOf(b));
            b.Identities = [new IdentityUsage(Alice, 1, 16, 0)];
            await World.RunAsync(3 * Timings.ReportInterval);
            Assert.Equal(1, TunnelsOf(c));
            b.Identities = [];
        }
    }

    [Fact]
    public async Task Limit_WantedAtTwoNodes_IsDividedEvenly()
    {
        var (a, b) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        await PutAsync(Alice, 100);
        a.Open("a");
        b.Open("b");
        a.Identities = [new IdentityUsage(Alice, 1, 40, 0, Wants: true)];
        b.Identities = [new IdentityUsage(Alice, 1, 40, 0, Wants: true)];

        await World.UntilAsync("both have half", () => (TunnelsOf(a), TunnelsOf(b)) == (50, 50));
        b.Identities = [new IdentityUsage(Alice, 1, 4, 0)];
        await World.UntilAsync("a has most", () => TunnelsOf(a) is >= 70 and <= 100);
        Assert.True(TunnelsOf(b) >= 4);
    }

    [Theory]
    [InlineData(0, 45)]
    // With a session it may be so: what nobody used then is the liar's, until it is silent or ended.
    [InlineData(1, 40)]
    public async Task Limit_OfAnIdentityThatANodeClaimsWithoutSessions_IsOthersAsBefore(int sessions, long others)
    {
        var (honest, liar) = (await World.JoinAsync("honest"), await World.JoinAsync("liar"));
        await PutAsync(Alice, 100);
        honest.Open("one");
        honest.Identities = [new IdentityUsage(Alice, 1, 40, 0)];
        await World.UntilAsync("it has what it uses", () => TunnelsOf(honest) >= 40);
        for (var i = 0; i < sessions; i++)
            liar.Open($"invented-{i}");

        liar.Identities = [new IdentityUsage(Alice, 1L << 53, 1L << 53, 1L << 53)];
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.InRange(TunnelsOf(honest)!.Value, 40, 100);
        honest.Identities = [new IdentityUsage(Alice, 1, 40, 0, Wants: true)];

        await World.UntilAsync("it gets its part", () => TunnelsOf(honest) >= others);
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.True(TunnelsOf(honest) >= others);
    }

    [Fact]
    public async Task Limits_OfIdentitiesThatANodeInvents_AreNotToldToOthers()
    {
        var (honest, liar) = (await World.JoinAsync("honest"), await World.JoinAsync("liar"));
        await PutAsync("*", 1);
        honest.Open("one");
        honest.Identities = [new IdentityUsage(Alice, 1, 1, 0)];
        var invented = Enumerable.Range(0, 1000).Select(static i => $"credential:invented-{i}").ToArray();
        foreach (var (i, identity) in invented.Index())
            liar.Open($"invented-{i}", identity);

        liar.Identities = [.. invented.Select(static identity => new IdentityUsage(identity, 1, 1, 0))];
        await World.RunAsync(10 * Timings.ReportInterval);

        Assert.Equal([Alice], honest.LastDirective!.Limits.Select(static allowance => allowance.Identity));
    }

    [Fact]
    public async Task Limit_OfEverybody_IsTheDefaultOfWhoeverIsNotNamed()
    {
        var node = await World.JoinAsync("a");
        Assert.Null(node.LastDirective!.DefaultLimit);

        await PutAsync("*", 8);
        await World.UntilAsync("it is told", () => node.LastDirective!.DefaultLimit?.Tunnels == 8);
        Assert.Empty(node.LastDirective!.Limits);

        await Fleet.DeleteLimitAsync("*", null, Cancellation);
        await World.UntilAsync("it is gone", () => node.LastDirective!.DefaultLimit is null);
    }

    [Fact]
    public async Task Limits_WhereStateIsKept_OutliveTheCoordinators()
    {
        var node = await World.JoinAsync("a");
        await PutAsync(Alice, 10);

        await World.RestartAsync();
        await World.RunAsync(2 * Timings.ReportInterval);

        var rules = await Fleet.ListLimitsAsync(Cancellation);
        Assert.Equal(World.KeepsState ? [Alice] : [], rules.Select(rule => rule.Identity));
        await World.UntilAsync("the node is told", () => TunnelsOf(node) == (World.KeepsState ? 10 : null));
    }

    private static long? SessionsOf(SimulatedNode node) =>
        (node.LastDirective?.Limits.SingleOrDefault(allowance => allowance.Identity == Alice)?.Limit
            ?? node.LastDirective?.DefaultLimit)?.Sessions;

    private static long? TunnelsOf(SimulatedNode node) =>
        node.LastDirective?.Limits.SingleOrDefault(allowance => allowance.Identity == Alice)?.Limit.Tunnels;

    private async Task<FleetResult<LimitRule>> PutAsync(
        string identity, long tunnels, string? expectedVersion = null) =>
        await Fleet.PutLimitAsync(
            new LimitRule { Identity = identity, Limit = new IdentityLimit { Tunnels = tunnels } }, expectedVersion,
            Cancellation);
}
