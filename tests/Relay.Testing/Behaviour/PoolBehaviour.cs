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
    public async Task Pool_WithinANodesOwnPrefix_IsRefused()
    {
        var node = await World.JoinAsync("edge");
        node.StaticPrefixes.Add(Prefix.Parse("198.51.100.0/24"));
        await World.UntilAsync("it is known", async () => (await World.InfoAsync(node)).StaticPrefixes.Count == 1);

        var put = await PutAsync("v4", "198.51.100.0/25", 28);

        Assert.Equal(FleetStatus.Conflict, put.Status);
        Assert.Contains("edge", put.Detail, StringComparison.Ordinal);
    }

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
