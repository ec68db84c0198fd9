using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>
/// Everything that coordinators knew is lost, and nodes hold blocks of pools that nobody has defined: they keep them, and
/// nobody else gets them.
/// </summary>
public abstract class LostStateBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Lease_OfAPoolThatIsLost_GoesOn_AndThePoolIsFound()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        var late = World.Add("late", "v6");

        for (var end = World.Now + 3 * Timings.LeaseTime; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal([block], node.UsedBlocks);
            Assert.Empty(late.UsedBlocks);
        }

        var pool = Assert.Single(await Fleet.ListPoolsAsync(Cancellation));
        Assert.Equal(("v6", true, block, 1), (pool.Pool.Name, pool.IsFound, pool.Pool.Prefix, pool.Held));
        Assert.True((await Fleet.GetPoolAsync("v6", Cancellation))!.IsFound);
        Assert.Equal("holder", Assert.Single(await World.LeasesAsync("v6")).Node);
        Assert.Equal(block, Assert.Single((await World.InfoAsync(node)).Leases).Prefix);
        Assert.Contains(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "pool-found");
    }

    [Fact]
    public async Task Pool_ThatIsDefinedAgain_HasTheLeasesThatThereWere()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.RunAsync(2 * Timings.LeaseTime);
        var misfit = await Fleet.PutPoolAsync(FleetWorld.PoolOf("v6", "2001:db9::/60", 64), null, Cancellation);

        var begin = World.Now;
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var defined = (await Fleet.GetPoolAsync("v6", Cancellation))!;
        var late = World.Add("late", "v6");
        await World.UntilAsync("another block is granted", () => late.UsedBlocks.Any(), 2 * Timings.LeaseTime);

        Assert.Equal(FleetStatus.Conflict, misfit.Status);
        Assert.Contains($"holder holds {block}", misfit.Detail, StringComparison.Ordinal);
        Assert.Equal((false, begin + Timings.LeaseTime, 1), (defined.IsFound, defined.GrantsFrom, defined.Held));
        Assert.Equal([block], node.UsedBlocks);
        Assert.NotEqual(block, late.UsedBlocks.Single());
    }

    [Fact]
    public async Task Pool_ThatIsSaidToBeNewAndIsNot_Waits()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("it is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 1);

        var begun = await Fleet.PutPoolAsync(FleetWorld.PoolOf("v6", "2001:db8::/60", 64), null, isNew: true, Cancellation);

        Assert.Equal(FleetStatus.Conflict, begun.Status);
        Assert.Contains($"{node.Name} has {block}", begun.Detail, StringComparison.Ordinal);
        Assert.True((await Fleet.GetPoolAsync("v6", Cancellation))!.IsFound);
    }

    [Fact]
    public async Task Pool_OverABlockThatIsHeldOfALostOne_IsNotDefined()
    {
        var (_, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("it is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 1);

        var put = await Fleet.PutPoolAsync(FleetWorld.PoolOf("other", "2001:db8::/56", 64), null, Cancellation);

        Assert.Equal(FleetStatus.Conflict, put.Status);
        Assert.Contains($"holder holds {block} of pool v6", put.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_DefinedBeforeALostOneIsFound_NeverGrantsWhatIsHeldOfThat()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.DefineAsync("other", "2001:db8::/62", 64);
        SimulatedNode[] late = [.. Enumerable.Range(0, 4).Select(i => World.Add($"late-{i}", "other"))];

        await World.UntilAsync(
            "all others are granted", () => late.Count(static other => other.UsedBlocks.Any()) == 3, 3 * Timings.LeaseTime);
        await World.RunAsync(Timings.LeaseTime);

        Assert.Equal([block], node.UsedBlocks);
        Assert.Equal(3, late.Count(static other => other.UsedBlocks.Any()));
    }

    [Fact]
    public async Task Pool_ThatIsEnlargedWhileTheFleetRecovers_Waits()
    {
        var (node, block) = await HoldAsync();
        node.IsCutOff = true;
        await World.LoseStateAsync();
        await World.RunAsync(Timings.ReportInterval);
        // True of these addresses, and not of those that it gets next.
        var begun = await Fleet.PutPoolAsync(FleetWorld.PoolOf("other", "2001:db8:0:10::/60", 64), null, isNew: true, Cancellation);
        Assert.Null(begun.Value?.GrantsFrom);
        await World.DefineAsync("other", "2001:db8::/59", 64);
        SimulatedNode[] late = [.. Enumerable.Range(0, 2).Select(i => World.Add($"late-{i}", "other"))];

        await World.RunAsync(Timings.LeaseTime - (3 * Timings.ReportInterval));

        Assert.NotNull((await Fleet.GetPoolAsync("other", Cancellation))?.GrantsFrom);
        Assert.DoesNotContain(late, static other => other.UsedBlocks.Any());
        await World.UntilAsync("they have blocks", () => late.All(static other => other.UsedBlocks.Any()));
        Assert.DoesNotContain(block, node.UsedBlocks);
    }

    [Fact]
    public async Task Claims_OfOneBlockOfALostPool_TheLaterGrantKeepsIt_AndAWarningNamesBoth()
    {
        var (node, block) = await HoldAsync();
        var liar = await World.JoinAsync("liar");
        await World.LoseStateAsync();
        await World.UntilAsync("it is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 1);
        liar.Amend = report => report with { Leases = [new LeaseClaim("v6", block, 1)] };

        await World.UntilAsync("it is told", () => liar.Grants.Any(static grant => grant.IsReleasing));

        Assert.Equal([block], node.UsedBlocks);
        Assert.Contains((await Fleet.GetOverviewAsync(Cancellation)).Warnings, warning =>
            warning.Kind == "lease-conflict" && warning.Text.Contains("liar claims", StringComparison.Ordinal)
            && warning.Text.Contains("holder has", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pool_ThatRecovers_IsWarnedOf()
    {
        await HoldAsync();
        await World.LoseStateAsync();
        Assert.Contains(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "fleet-recovering");

        await World.DefineAsync("v6", "2001:db8::/60", 64);

        Assert.Contains(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "pool-recovering");
        await World.RunAsync(Timings.LeaseTime + (5 * Timings.ReportInterval));
        Assert.DoesNotContain(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings,
            static warning => warning.Kind is "fleet-recovering" or "pool-recovering");
    }

    [Fact]
    public async Task Lease_OfALostPool_WhenTheClockIsSet_GoesOn()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("it is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 1);

        World.SetClock(TimeSpan.FromMinutes(15));
        for (var end = World.Now + 2 * Timings.LeaseTime; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal([block], node.UsedBlocks);
        }
    }

    [Fact]
    public async Task Pool_ThatIsRemovedWhileItRecovers_LeavesItsWaitToTheNext()
    {
        await World.DefineAsync("old", "2001:db8::/62", 64);
        await World.RunAsync(Timings.LeaseTime + TimeSpan.FromSeconds(2));
        World.SetClock(TimeSpan.FromMinutes(15));
        await World.UntilAsync(
            "it recovers", async () => (await Fleet.GetPoolAsync("old", Cancellation))!.GrantsFrom is not null);

        Assert.True((await Fleet.DeletePoolAsync("old", null, Cancellation)).IsOk);
        await World.DefineAsync("new", "2001:db8::/60", 64);

        Assert.NotNull((await Fleet.GetPoolAsync("new", Cancellation))!.GrantsFrom);
    }

    [Fact]
    public async Task Lease_OfALostPool_IsGivenBackWhenItIsRevoked()
    {
        var (node, block) = await HoldAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("it is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 1);

        Assert.True((await Fleet.RevokeLeaseAsync("v6", block, Cancellation)).IsOk);

        await World.UntilAsync("it is given back", () => !node.UsedBlocks.Any());
        await World.UntilAsync(
            "nothing is found", async () => (await Fleet.ListPoolsAsync(Cancellation)).Count == 0,
            Timings.LeaseTime + Timings.Quarantine);
    }

    private async Task<(SimulatedNode Node, Prefix Block)> HoldAsync()
    {
        await World.DefineAsync("v6", "2001:db8::/62", 64);
        var node = await World.JoinAsync("holder", "v6");
        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any(), 3 * Timings.LeaseTime);
        return (node, node.UsedBlocks.Single());
    }
}
