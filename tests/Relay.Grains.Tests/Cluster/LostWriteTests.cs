using Orleans.Core.Internal;
using Relay.Grains.Contracts;
using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Storage loses writes that it had taken, as Redis does when a replica is promoted that has not heard of them.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class LostWriteTests
{
    private static readonly PrefixPool Pool = new()
    {
        Name = "edge",
        Prefix = Prefix.Parse("2001:db8::/60"),
        BlockLength = 64,
    };

    /// <summary>What the pool's grain is doing meanwhile.</summary>
    public enum Meanwhile
    {
        /// <summary>Nothing: it finds out with its next write.</summary>
        Idle,

        /// <summary>It writes, and does not hear whether that arrived.</summary>
        Writing,

        /// <summary>It ends, so that only nodes remember.</summary>
        Ended,
    }

    [Theory]
    [InlineData(Meanwhile.Idle)]
    [InlineData(Meanwhile.Writing)]
    [InlineData(Meanwhile.Ended)]
    public async Task PrefixPoolGrain_WhoseGrantStorageLost_GrantsItToNobodyElse(Meanwhile meanwhile)
    {
        var storage = new SharedStorage();
        await using var fleet = await MemoryFleet.StartAsync(storage: storage);
        SimulatedNode holder = new("edge-1") { Pools = ["edge"] }, late = new("edge-2")
        {
            Pools = ["edge"],
            Amend = static report => report with { Pools = [] },
        };
        await fleet.Fleet.TickAsync(default);
        fleet.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        var grain = fleet.Grains.GetGrain<IPrefixPoolGrain>("edge");
        var before = storage.Find("pool", grain.GetGrainId())!;
        await holder.ReportAsync(fleet.Fleet);
        var held = Assert.Single(holder.Grants);
        await late.ReportAsync(fleet.Fleet);
        late.Amend = static report => report;

        if (meanwhile == Meanwhile.Writing)
        {
            storage.IsAway = true;
            await late.ReportAsync(fleet.Fleet);
            storage.IsAway = false;
        }
        storage.Put("pool", grain.GetGrainId(), before);
        storage.History = "second";
        if (meanwhile == Meanwhile.Ended)
        {
            await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        }
        var refused = await Eventually.HoldsAsync(
            "an answer of the pool", () => late.ReportAsync(fleet.Fleet), static directive =>
                directive.Leases.Count > 0
                || directive.LeaseFaults.Any(fault => fault.Contains("grants nothing", StringComparison.Ordinal)));
        await fleet.PassAsync(TimeSpan.FromSeconds(110), () => ReportsAsync(fleet, holder, late));
        var during = late.Grants;
        await fleet.PassAsync(TimeSpan.FromSeconds(30), () => ReportsAsync(fleet, holder, late));

        Assert.Empty(refused.Leases);
        Assert.Empty(during);
        Assert.Equal((held.Prefix, held.Epoch), (holder.Grants.Single().Prefix, holder.Grants.Single().Epoch));
        Assert.NotEqual(held.Prefix, Assert.Single(late.Grants).Prefix);
        Assert.True(late.Grants[0].Epoch > held.Epoch);
    }

    [Fact]
    public async Task PrefixPoolGrain_WhoseExclusionsStorageLost_LearnsThemAgain()
    {
        var storage = new SharedStorage();
        await using var fleet = await MemoryFleet.StartAsync(storage: storage);
        var fixedNode = new SimulatedNode("fixed");
        await fleet.Fleet.TickAsync(default);
        fleet.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        var grain = fleet.Grains.GetGrain<IPrefixPoolGrain>("edge");
        var before = storage.Find("pool", grain.GetGrainId())!;
        fixedNode.StaticPrefixes.Add(Prefix.Parse("2001:db8::/64"));
        await fixedNode.ReportAsync(fleet.Fleet);
        await fleet.PassAsync(TimeSpan.FromSeconds(2), () => fixedNode.ReportAsync(fleet.Fleet));
        Assert.Equal(1, (await fleet.Fleet.GetPoolAsync("edge", default))!.Excluded);

        storage.Put("pool", grain.GetGrainId(), before);
        storage.History = "second";
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

        await Eventually.HoldsAsync(async () =>
        {
            await fleet.PassAsync(TimeSpan.FromSeconds(1), () => fixedNode.ReportPersistentlyAsync(fleet.Fleet));
            return (await fleet.Fleet.GetPoolAsync("edge", default))!.Excluded == 1;
        });
    }

    [Fact]
    public async Task PrefixPoolGrain_WhoseCatalogBeganAnew_Recovers()
    {
        var storage = new SharedStorage();
        await using var fleet = await MemoryFleet.StartAsync(storage: storage);
        await fleet.Fleet.TickAsync(default);
        fleet.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
        await fleet.PassAsync(TimeSpan.FromSeconds(15));
        Assert.Null((await fleet.Fleet.GetPoolAsync("edge", default))!.GrantsFrom);
        var catalog = fleet.Grains.GetGrain<IFleetGrain>(GrainKeys.Single);
        await fleet.PassAsync(TimeSpan.FromSeconds(130));

        storage.Remove("book", catalog.GetGrainId());
        await catalog.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await Eventually.HoldsAsync(
            "the pool is defined again", async () => (await fleet.Fleet.PutPoolAsync(Pool, null, default)).IsOk, static isOk => isOk);

        Assert.NotNull((await fleet.Fleet.GetPoolAsync("edge", default))!.GrantsFrom);
    }

    private static async Task ReportsAsync(MemoryFleet fleet, params SimulatedNode[] nodes)
    {
        foreach (var node in nodes)
            await node.ReportPersistentlyAsync(fleet.Fleet);
    }
}
