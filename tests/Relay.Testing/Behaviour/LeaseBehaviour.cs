using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>
/// Blocks are leased, renewed, given back, run out. In every step of every test no block is used twice.
/// </summary>
public abstract class LeaseBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    // A fleet that has forgotten everything grants nothing for a lease's time, and so may one that has just begun.
    private TimeSpan GrantLimit => 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Lease_OfAWantedPool_MakesItsNodeReady()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        Assert.Equal(NodeState.Starting, node.State);

        await ServesAsync(node);

        var lease = Assert.Single(await World.LeasesAsync("v6"));
        Assert.Equal(("v6", "a", node.UsedBlocks.Single()), (lease.Pool, lease.Node, lease.Prefix));
        await World.UntilAsync("it is held", async () => (await World.LeasesAsync("v6"))[0].State == LeaseState.Held);
        Assert.Equal([lease.Prefix], (await World.InfoAsync(node)).Leases.Select(held => held.Prefix));
        var info = await Fleet.GetPoolAsync("v6", Cancellation);
        Assert.Equal((16, 1, 0, 15, 0), (info!.Blocks, info.Held, info.Quarantined, info.Free, info.Excluded));
    }

    [Fact]
    public async Task Lease_OfAPoolThatIsSaidToBeNew_NeedNotBeWaitedFor()
    {
        var node = World.Add("a", "v6");

        var begun = await Fleet.PutPoolAsync(FleetWorld.PoolOf("v6", "2001:db8::/60", 64), null, isNew: true, Cancellation);
        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any(), Timings.LeaseTime / 4);

        Assert.Equal((FleetStatus.Ok, null), (begun.Status, begun.Value?.GrantsFrom));
        Assert.Null((await Fleet.GetPoolAsync("v6", Cancellation))!.GrantsFrom);
    }

    [Fact]
    public async Task Lease_OfAPoolThatIsSaidToBeNewOnceItIsThere_NeedNotBeWaitedFor()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = World.Add("a", "v6");

        var begun = await Fleet.PutPoolAsync(FleetWorld.PoolOf("v6", "2001:db8::/60", 64), null, isNew: true, Cancellation);
        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any(), Timings.LeaseTime / 4);

        Assert.Equal((FleetStatus.Ok, null), (begun.Status, begun.Value?.GrantsFrom));
    }

    [Fact]
    public async Task Lease_ThatIsRenewed_StaysForEver()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);
        var block = node.UsedBlocks.Single();
        var epoch = (await World.LeasesAsync("v6"))[0].Epoch;

        for (var end = World.Now + 3 * Timings.LeaseTime; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal([block], node.UsedBlocks);
        }

        Assert.Equal(epoch, Assert.Single(await World.LeasesAsync("v6")).Epoch);
    }

    [Fact]
    public async Task Lease_GrantedToAHolder_IsNeverLongerThanTheGrantorsOwn()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);

        var grant = Assert.Single(node.LastDirective!.Leases);

        var most = (long)(Timings.LeaseTime - Timings.HolderMargin).TotalMilliseconds;
        Assert.InRange(grant.DurationMilliseconds, 1, most);
    }

    [Fact]
    public async Task Lease_OfANodeThatDied_IsQuarantinedAndThenAnothers()
    {
        await World.DefineAsync("v4", "198.51.100.0/28", 28);
        var dead = await World.JoinAsync("a", "v4");
        await ServesAsync(dead);
        var other = await World.JoinAsync("b", "v4");
        await World.StepAsync();
        Assert.Contains("exhausted", Assert.Single(other.LastDirective!.LeaseFaults), StringComparison.Ordinal);
        dead.IsDead = true;

        await World.UntilAsync(
            "it is quarantined", async () =>
                await World.LeasesAsync("v4") is [{ State: LeaseState.Quarantined, Node: "a" }],
            Timings.LeaseTime + 5 * Timings.ReportInterval);
        Assert.Equal(NodeState.Starting, other.State);
        Assert.Equal((0, 1, 0), PoolCounts(await Fleet.GetPoolAsync("v4", Cancellation)));

        await ServesAsync(other);
        Assert.Equal([Prefix.Parse("198.51.100.0/28")], other.UsedBlocks);
    }

    [Fact]
    public async Task Lease_OfAnEarlierProcess_IsNotTheNewOnes()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);
        var before = node.UsedBlocks.Single();

        await node.RestartAsync();
        await ServesAsync(node);

        Assert.NotEqual(before, node.UsedBlocks.Single());
        Assert.Equal(LeaseState.Releasing, (await World.LeasesAsync("v6"))
            .Single(lease => lease.Prefix == before).State);
    }

    [Fact]
    public async Task Lease_OfANodeThatLeaves_IsQuarantinedAtOnce()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);

        await node.LeaveAsync(Fleet);

        await World.UntilAsync(
            "it is quarantined", async () => await World.LeasesAsync("v6") is [{ State: LeaseState.Quarantined }],
            5 * Timings.ReportInterval);
        await World.UntilAsync(
            "it is free", async () => (await World.LeasesAsync("v6")).Count == 0,
            Timings.LeaseTime + Timings.Quarantine + Timings.MaxClockSkew + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Lease_ThatIsRevoked_IsExchangedForAnother()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);
        var block = node.UsedBlocks.Single();

        var revoked = await Fleet.RevokeLeaseAsync("v6", block, Cancellation);

        Assert.Equal((FleetStatus.Ok, LeaseState.Releasing), (revoked.Status, revoked.Value!.State));
        await World.UntilAsync(
            "the node has moved", () => node.UsedBlocks.SingleOrDefault() is var now && now != block);
        await World.UntilAsync("the old one is quarantined", async () =>
            (await World.LeasesAsync("v6"))
                .Any(lease => lease.Prefix == block && lease.State == LeaseState.Quarantined));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.RevokeLeaseAsync("none", block, Cancellation)).Status);
        Assert.Equal(
            FleetStatus.NotFound,
            (await Fleet.RevokeLeaseAsync("v6", Prefix.Parse("2001:db9::/64"), Cancellation)).Status);
    }

    [Fact]
    public async Task Lease_OfAHolderThatDoesNotObey_EndsWhenItRunsOut()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);
        var block = node.UsedBlocks.Single();
        node.IsCutOff = true;

        await Fleet.RevokeLeaseAsync("v6", block, Cancellation);

        await World.UntilAsync(
            "it is quarantined", async () => await World.LeasesAsync("v6") is [{ State: LeaseState.Quarantined }],
            Timings.LeaseTime + 5 * Timings.ReportInterval);
        Assert.Empty(node.UsedBlocks);
    }

    [Fact]
    public async Task Leases_OfSeveralNodes_AreDifferentBlocksWithoutExcludedOnes()
    {
        await World.DefineAsync("v4", "198.51.100.0/27", 29);
        var own = await World.JoinAsync("static");
        own.StaticPrefixes.Add(Prefix.Parse("198.51.100.4/30"));
        await World.UntilAsync("a block is excluded", async () =>
            (await Fleet.GetPoolAsync("v4", Cancellation))!.Excluded == 1);
        SimulatedNode[] nodes =
            [World.Add("a", "v4"), World.Add("b", "v4"), World.Add("c", "v4"), World.Add("d", "v4")];

        await World.UntilAsync(
            "three serve", () => nodes.Count(node => node.State == NodeState.Serving) == 3, GrantLimit);
        await World.RunAsync(5 * Timings.ReportInterval);

        Assert.Equal(3, nodes.Count(node => node.State == NodeState.Serving));
        Assert.DoesNotContain(Prefix.Parse("198.51.100.0/29"), nodes.SelectMany(node => node.UsedBlocks));
        var left = Assert.Single(nodes, node => node.State == NodeState.Starting);
        Assert.Contains("v4", Assert.Single(left.LastDirective!.LeaseFaults), StringComparison.Ordinal);
        Assert.Contains(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, warning => warning.Kind == "pool-exhausted");
    }

    [Fact]
    public async Task Lease_OfAPoolThatIsNotThere_IsAFault()
    {
        var node = await World.JoinAsync("a", "nowhere");

        await World.UntilAsync("it is told", () => node.LastDirective?.LeaseFaults.Count == 1);

        Assert.Contains("nowhere", node.LastDirective!.LeaseFaults[0], StringComparison.Ordinal);
        Assert.Null(await Fleet.ListLeasesAsync("nowhere", 10, null, Cancellation));
    }

    [Fact]
    public async Task Leases_WhileCoordinatorsAreReplaced_StayWithTheirNodes()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var (a, b) = (await World.JoinAsync("a", "v6"), await World.JoinAsync("b", "v6"));
        await ServesAsync(a);
        await ServesAsync(b);
        Prefix[] before = [a.UsedBlocks.Single(), b.UsedBlocks.Single()];

        await World.RestartAsync();
        if (!World.KeepsState)
            await World.DefineAsync("v6", "2001:db8::/60", 64);
        var late = World.Add("c", "v6");
        for (var end = World.Now + Timings.LeaseTime / 2; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal((before[0], before[1]), (a.UsedBlocks.Single(), b.UsedBlocks.Single()));
        }

        Assert.Equal(
            before.Order(), (await World.LeasesAsync("v6")).Where(lease => lease.Node != "c")
                .Select(lease => lease.Prefix));
        await ServesAsync(late);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(-15)]
    public async Task Leases_WhenTheCoordinatorsClockIsSet_StayWithTheirNodes(int minutes)
    {
        await World.DefineAsync("v4", "198.51.100.0/27", 28);
        var (node, silent) = (await World.JoinAsync("a", "v4"), await World.JoinAsync("b", "v4"));
        await ServesAsync(node);
        await ServesAsync(silent);
        Prefix[] blocks = [node.UsedBlocks.Single(), silent.UsedBlocks.Single()];
        silent.IsCutOff = true;

        World.SetClock(TimeSpan.FromMinutes(minutes));
        var late = World.Add("c", "v4");
        for (var end = World.Now + Timings.LeaseTime - Timings.HolderMargin; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal([blocks[0]], node.UsedBlocks);
            Assert.Empty(late.UsedBlocks);
        }

        await ServesAsync(late);
        Assert.Equal([blocks[1]], late.UsedBlocks);
    }

    [Fact]
    public async Task Leases_WithoutACoordinator_EndAtTheirHolders()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await ServesAsync(node);
        node.IsCutOff = true;

        await World.RunAsync((Timings.LeaseTime - Timings.HolderMargin) / 2);
        Assert.Single(node.UsedBlocks);
        await World.UntilAsync("the holder stops", () => !node.UsedBlocks.Any(), Timings.LeaseTime);

        Assert.NotEqual(LeaseState.Quarantined, Assert.Single(await World.LeasesAsync("v6")).State);
    }

    private Task ServesAsync(SimulatedNode node) => World.UntilAsync(
        $"{node.Name} serves", () => node.State == NodeState.Serving,
        GrantLimit + Timings.Quarantine + Timings.MaxClockSkew);

    private static (long Held, long Quarantined, long Free) PoolCounts(PrefixPoolInfo? pool) =>
        (pool!.Held, pool.Quarantined, pool.Free);
}
