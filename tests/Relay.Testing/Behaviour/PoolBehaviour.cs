using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>Pools are defined, changed and removed.</summary>
public abstract class PoolBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Pool_ThatIsPut_IsThere()
    {
        var put = await PutAsync("v6", "2001:db8::/40", 60);

        Assert.Equal(FleetStatus.Ok, put.Status);
        Assert.NotEqual("", put.Value!.Pool.Version);
        Assert.Equal(1 << 20, put.Value.Blocks);
        Assert.Equal(1 << 20, put.Value.Free);
        Assert.Equal(put.Value.Pool, (await Fleet.GetPoolAsync("v6", Cancellation))!.Pool);
        await PutAsync("v4", "198.51.100.0/24", 28);
        Assert.Equal(["v4", "v6"], (await Fleet.ListPoolsAsync(Cancellation)).Select(pool => pool.Pool.Name));
        Assert.Null(await Fleet.GetPoolAsync("v5", Cancellation));
        Assert.Empty(await World.LeasesAsync("v6"));
    }

    [Theory]
    [InlineData("V6", "2001:db8::/40", 60, "name")]
    [InlineData("", "2001:db8::/40", 60, "name")]
    [InlineData("v6", "2001:db8::/40", 36, "blockLength")]
    [InlineData("v6", "2001:db8::/40", 61, "blockLength")]
    [InlineData("v6", "2001:db8::/120", 125, "blockLength")]
    [InlineData("v4", "198.51.100.0/24", 31, "blockLength")]
    [InlineData("v4", "0.0.0.0/0", 16, "prefix")]
    public async Task Pool_ThatMakesNoSense_IsRefusedByField(string name, string prefix, int blockLength, string field)
    {
        var put = await PutAsync(name, prefix, blockLength);

        Assert.Equal((FleetStatus.Invalid, field), (put.Status, put.Field));
        Assert.NotNull(put.Detail);
        Assert.Empty(await Fleet.ListPoolsAsync(Cancellation));
    }

    [Fact]
    public async Task Pool_ThatOverlapsAnother_IsRefused()
    {
        await PutAsync("a", "2001:db8:100::/40", 60);

        Assert.Equal(FleetStatus.Conflict, (await PutAsync("b", "2001:db8:180::/48", 60)).Status);
        Assert.Equal(FleetStatus.Conflict, (await PutAsync("b", "2001:db8::/32", 48)).Status);
        Assert.Equal(FleetStatus.Ok, (await PutAsync("b", "2001:db8:200::/40", 60)).Status);
        Assert.Equal(FleetStatus.Conflict, (await PutAsync("b", "2001:db8:180::/48", 60)).Status);
    }

    [Fact]
    public async Task Pool_WithinWhatANodeCallsItsOwn_IsDefinedAndGrants_AndAWarningNamesTheNode()
    {
        var (liar, node) = (await World.JoinAsync("liar"), await World.JoinAsync("honest", "after", "before"));
        await PutAsync("before", "2001:db8:1::/60", 64);
        liar.StaticPrefixes.AddRange([Prefix.Parse("2001::/16"), Prefix.Parse("2001:db8:1::/63")]);
        await World.UntilAsync("it is known", async () => (await World.InfoAsync(liar)).StaticPrefixes.Count == 2);

        Assert.Equal(FleetStatus.Ok, (await PutAsync("after", "2001:db8:2::/60", 64)).Status);

        await World.UntilAsync("it serves", () => node.Grants.Count == 2, 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1));
        foreach (var pool in await Fleet.ListPoolsAsync(Cancellation))
            Assert.Equal((pool.Pool.Name, 0, 15), (pool.Pool.Name, pool.Excluded, pool.Free));
        var warnings = (await Fleet.GetOverviewAsync(Cancellation)).Warnings;
        Assert.Contains(warnings, static warning => warning is { Kind: "prefix-overlap", Node: "liar" }
            && warning.Text.Contains("2001::/16", StringComparison.Ordinal) && warning.Text.Contains("after", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pool_OfWhichASilentNodeHadABlockOfItsOwn_GrantsItAfterALeaseTime()
    {
        await PutAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a");
        node.StaticPrefixes.Add(Prefix.Parse("2001:db8:0:3::/64"));
        await World.UntilAsync("it is kept back", () => ExcludesAsync(1));

        node.IsDead = true;
        await World.UntilAsync("it is silent", async () => (await World.InfoAsync(node)).State == NodeState.Silent);
        await World.RunAsync(Timings.NodeTimeout);

        Assert.True(await ExcludesAsync(1));
        await World.UntilAsync("it is free", () => ExcludesAsync(0), Timings.LeaseTime);
        Assert.Equal(NodeState.Silent, (await World.InfoAsync(node)).State);
    }

    [Fact]
    public async Task Node_ThatIsSilent_IsForgottenByAnOperatorsWord()
    {
        await PutAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a");
        node.StaticPrefixes.Add(Prefix.Parse("2001:db8:0:3::/64"));
        await World.UntilAsync("it is kept back", () => ExcludesAsync(1));
        Assert.Equal(FleetStatus.Conflict, (await Fleet.ForgetNodeAsync("a", Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.ForgetNodeAsync("b", Cancellation)).Status);
        node.IsDead = true;
        await World.UntilAsync("it is silent", async () => (await World.InfoAsync(node)).State == NodeState.Silent);

        Assert.Equal(FleetStatus.Ok, (await Fleet.ForgetNodeAsync("a", Cancellation)).Status);

        Assert.Null(await Fleet.GetNodeAsync("a", Cancellation));
        Assert.True(await ExcludesAsync(0));
        await World.RunAsync(2 * Timings.ReportInterval);
        Assert.Null(await Fleet.GetNodeAsync("a", Cancellation));
        node.IsDead = false;
        await World.UntilAsync("it is back", async () => await Fleet.GetNodeAsync("a", Cancellation) is not null);
    }

    [Fact]
    public async Task Pool_ThatManyNamesOfOneTokenCallTheirOwn_KeepsMostOfItsBlocks()
    {
        await PutAsync("v6", "2001:db8::/56", 64);
        for (var i = 0; i < 64; i++)
            World.Add($"name-{i}").Amend = ReportOf(i);
        await World.UntilAsync("all are known", async () => (await Fleet.GetOverviewAsync(Cancellation)).Nodes.Values.Sum() == 64);
        await World.StepAsync();

        Assert.Equal((16, 240), await Fleet.GetPoolAsync("v6", Cancellation) is { } pool ? (pool.Excluded, pool.Free) : default);

        static Func<NodeReport, NodeReport> ReportOf(int i) => report => report with
        {
            Sender = new ReportSender("*", "192.0.2.1"),
            StaticPrefixes = [.. Enumerable.Range(4 * i, 4).Select(static block => Prefix.Parse($"2001:db8:0:{block:x}::/64"))],
        };
    }

    [Fact]
    public async Task Pool_ThatANodeSaysItHoldsForOneThatNobodyDefined_IsGrantedAllTheSame()
    {
        await PutAsync("v6", "2001:db8::/56", 64);
        var liar = World.Add("liar");
        liar.Amend = static report => report with { Leases = [new LeaseClaim("ghost", Prefix.Parse("2001:db8::/56"), 1)], Released = [] };
        await World.UntilAsync("it is heard of", async () => await Fleet.GetPoolAsync("ghost", Cancellation) is { Held: > 0 });
        var node = World.Add("a", "v6");

        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any(), 3 * Timings.LeaseTime);

        Assert.True(await ExcludesAsync(0));
        await World.UntilAsync("it is to give it back", () => liar.Grants.Any(static grant => grant.IsReleasing));
    }

    private async Task<bool> ExcludesAsync(long blocks) => (await Fleet.GetPoolAsync("v6", Cancellation))!.Excluded == blocks;

    [Fact]
    public async Task Pool_PutTwice_ChangesOnlyWhenItIsAnother()
    {
        var first = await PutAsync("v6", "2001:db8::/48", 60);
        var same = await PutAsync("v6", "2001:db8::/48", 60);
        var other = await PutAsync("v6", "2001:db8::/48", 64);

        Assert.Equal(first.Value!.Pool.Version, same.Value!.Pool.Version);
        Assert.NotEqual(first.Value.Pool.Version, other.Value!.Pool.Version);
        Assert.Equal(1 << 16, other.Value.Blocks);
    }

    [Fact]
    public async Task Pool_WithAnExpectedVersion_IsChangedOnlyFromThat()
    {
        var first = await PutAsync("v6", "2001:db8::/48", 60, expectedVersion: "");
        Assert.Equal(FleetStatus.Ok, first.Status);
        var version = first.Value!.Pool.Version;

        Assert.Equal(
            FleetStatus.PreconditionFailed, (await PutAsync("v6", "2001:db8::/48", 61, expectedVersion: "")).Status);
        Assert.Equal(FleetStatus.Ok, (await PutAsync("v6", "2001:db8::/48", 61, version)).Status);
        Assert.Equal(FleetStatus.PreconditionFailed, (await PutAsync("v6", "2001:db8::/48", 62, version)).Status);
        Assert.Equal(FleetStatus.PreconditionFailed, (await Fleet.DeletePoolAsync("v6", version, Cancellation)).Status);
        Assert.Equal(FleetStatus.PreconditionFailed, (await PutAsync("other", "2001:db9::/48", 62, version)).Status);
        Assert.Equal(61, (await Fleet.GetPoolAsync("v6", Cancellation))!.Pool.BlockLength);
    }

    [Fact]
    public async Task Pool_WithLiveLeases_IsNeitherRemovedNorTakenFromUnderThem()
    {
        await PutAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await World.UntilAsync(
            "it serves", () => node.State == NodeState.Serving, 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1));
        var block = node.UsedBlocks.Single();

        Assert.Equal(FleetStatus.Conflict, (await Fleet.DeletePoolAsync("v6", null, Cancellation)).Status);
        Assert.Equal(FleetStatus.Conflict, (await PutAsync("v6", "2001:db8::/60", 62)).Status);
        Assert.Equal(FleetStatus.Ok, (await PutAsync("v6", "2001:db8::/56", 64)).Status);
        Assert.Equal(256, (await Fleet.GetPoolAsync("v6", Cancellation))!.Blocks);
        await World.RunAsync(Timings.LeaseTime);
        Assert.Equal([block], node.UsedBlocks);

        await node.LeaveAsync(Fleet);
        await World.UntilAsync("it can be removed", async () =>
            (await Fleet.DeletePoolAsync("v6", null, Cancellation)).IsOk);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.DeletePoolAsync("v6", null, Cancellation)).Status);
        Assert.Null(await Fleet.GetPoolAsync("v6", Cancellation));
    }

    [Fact]
    public async Task Pool_RemovedWithABlockInQuarantine_DoesNotSetItFree()
    {
        await PutAsync("old", "198.51.100.0/28", 28);
        var node = await World.JoinAsync("a", "old");
        await World.UntilAsync(
            "it serves", () => node.State == NodeState.Serving, 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1));
        await node.LeaveAsync(Fleet);
        await World.UntilAsync(
            "it is removed", async () => (await Fleet.DeletePoolAsync("old", null, Cancellation)).IsOk);

        await PutAsync("new", "198.51.100.0/28", 28);

        var info = await Fleet.GetPoolAsync("new", Cancellation);
        Assert.Equal((1, 0, 1), (info!.Blocks, info.Free, info.Excluded));
        await World.UntilAsync(
            "it is free", async () => (await Fleet.GetPoolAsync("new", Cancellation))!.Free == 1,
            Timings.LeaseTime + Timings.Quarantine + Timings.MaxClockSkew + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Leases_MoreThanAPage_AreListedInOrderAndOnce()
    {
        await PutAsync("v4", "198.51.100.0/24", 30);
        SimulatedNode[] nodes = [.. Enumerable.Range(0, 5).Select(i => World.Add($"n{i}", "v4"))];
        await World.UntilAsync(
            "all serve", () =>
                nodes.All(node => node.State == NodeState.Serving), 2 * Timings.LeaseTime + TimeSpan.FromMinutes(1));

        List<Prefix> seen = [];
        string? cursor = null;
        do
        {
            var page = (await Fleet.ListLeasesAsync("v4", 2, cursor, Cancellation))!;
            seen.AddRange(page.Items.Select(lease => lease.Prefix));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(nodes.SelectMany(node => node.UsedBlocks).Order(), seen);
    }

    private async Task<FleetResult<PrefixPoolInfo>> PutAsync(
        string name, string prefix, int blockLength, string? expectedVersion = null) =>
        await Fleet.PutPoolAsync(FleetWorld.PoolOf(name, prefix, blockLength), expectedVersion, Cancellation);
}
