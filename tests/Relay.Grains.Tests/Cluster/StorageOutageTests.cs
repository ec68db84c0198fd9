using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Storage is away for a while: what is held goes on, nothing new is promised, and all of it recovers.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class StorageOutageTests
{
    private static readonly PrefixPool Pool = SamplePool.Edge;
    private static readonly PrefixPool Another =
        new() { Name = "another", Prefix = Prefix.Parse("2001:db8:ffff::/60"), BlockLength = 64 };

    [Fact]
    public async Task Storage_AwayAndBack_LeasesHoldUntilTheyEnd_AndAreRenewedAfter()
    {
        var storage = new SharedStorage();
        await using var fleet = await StartAsync(storage);
        SimulatedNode holder = new("edge-1") { Pools = ["edge"] }, late = new("edge-2") { Pools = ["edge"] };
        await holder.ReportAsync(fleet.Fleet);
        await holder.ReportAsync(fleet.Fleet);
        await late.ReportAsync(fleet.Fleet);
        var before = Assert.Single(holder.Grants);
        await late.RestartAsync();

        storage.IsAway = true;
        await fleet.PassAsync(
            TimeSpan.FromSeconds(60), () => Task.WhenAll(holder.ReportAsync(fleet.Fleet), late.AskAsync(fleet.Fleet)));
        var refused = await late.ReportAsync(fleet.Fleet);
        var during = Assert.Single(holder.Grants);
        await fleet.PassAsync(TimeSpan.FromSeconds(45), () => holder.ReportAsync(fleet.Fleet));
        var after = holder.Grants;
        storage.IsAway = false;
        await Eventually.HoldsAsync(
            "a lease", () => late.ReportAsync(fleet.Fleet), static directive => directive.Leases.Count == 1);

        // Each time is at most what is left of the same grant: no promise beyond what is stored.
        Assert.Equal(before.Prefix, during.Prefix);
        Assert.InRange(during.DurationMilliseconds, 1, before.DurationMilliseconds - 59_000);
        Assert.Empty(after);
        Assert.Empty(refused.Leases);
        Assert.NotEmpty(refused.LeaseFaults);
    }

    [Fact]
    public async Task Storage_Away_RefusesChangesAsUnavailable_AndStillAnswersQueries()
    {
        var storage = new SharedStorage();
        await using var fleet = await StartAsync(storage);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);

        storage.IsAway = true;
        var drain = await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);
        var limit = await fleet.Fleet.PutLimitAsync(
            new LimitRule { Identity = "*", Limit = new IdentityLimit { Sessions = 1 } }, null, default);
        var directive = await node.ReportAsync(fleet.Fleet);
        var nodes = await fleet.Fleet.ListNodesAsync(10, null, default);
        storage.IsAway = false;
        var again = await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);

        Assert.Equal((FleetStatus.Unavailable, FleetStatus.Unavailable), (drain.Status, limit.Status));
        Assert.Equal((null, null), (directive.Drain, directive.DefaultLimit));
        Assert.Single(nodes.Items);
        Assert.True(again.IsOk);
    }

    [Fact]
    public async Task Clock_SetWhileStorageIsAway_IsNotForgotten()
    {
        var storage = new SharedStorage();
        await using var fleet = await StartAsync(storage);
        await fleet.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Null((await fleet.Fleet.GetPoolAsync(Pool.Name, default))?.GrantsFrom);

        fleet.SetClock(TimeSpan.FromMinutes(15));
        storage.IsAway = true;
        var lost = await fleet.Fleet.DeletePoolAsync("none", null, default);
        var put = await fleet.Fleet.PutPoolAsync(Another, null, default);
        storage.IsAway = false;
        var again = await fleet.Fleet.PutPoolAsync(Another, null, default);

        Assert.Equal((FleetStatus.NotFound, FleetStatus.Unavailable), (lost.Status, put.Status));
        Assert.NotNull(again.Value?.GrantsFrom);
        Assert.NotNull((await fleet.Fleet.GetPoolAsync(Pool.Name, default))?.GrantsFrom);
    }

    /// <summary>What is stored is counted anew from the clock as it was set: it does not move by that once more.</summary>
    [Fact]
    public async Task Clock_SetBackWhileStorageIsAway_FreesNoBlockEarly()
    {
        var storage = new SharedStorage();
        await using var fleet = await StartAsync(storage);
        var node = new SimulatedNode("edge-1", fleet.Fleet) { Pools = ["edge"] };
        await node.ReportAsync();
        await node.ReportAsync();
        await node.LeaveAsync(fleet.Fleet);
        Assert.True((await fleet.Fleet.DeletePoolAsync("edge", null, default)).IsOk);
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        Assert.Equal(1, (await fleet.Fleet.GetPoolAsync("edge", default))!.Excluded);

        storage.IsAway = true;
        await fleet.Fleet.PutPoolAsync(Another, null, default);
        fleet.SetClock(TimeSpan.FromHours(-2));
        storage.IsAway = false;
        Assert.True((await fleet.Fleet.PutPoolAsync(Another, null, default)).IsOk);
        await fleet.PassAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(1, (await fleet.Fleet.GetPoolAsync("edge", default))!.Excluded);
    }

    private static async Task<MemoryFleet> StartAsync(SharedStorage storage)
    {
        var fleet = await MemoryFleet.StartAsync(storage: storage);
        await fleet.Fleet.TickAsync(default);
        fleet.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        return fleet;
    }
}
