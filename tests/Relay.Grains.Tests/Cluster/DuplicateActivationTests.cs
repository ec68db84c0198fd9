using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// A cluster that has fallen apart: two silos that know nothing of each other, with one storage, so that every grain is
/// active twice.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class DuplicateActivationTests
{
    private static readonly PrefixPool Pool = SamplePool.Edge;

    [Fact]
    public async Task PrefixPoolGrain_ActiveTwice_GrantsNoBlockTwice()
    {
        var storage = new SharedStorage();
        await using var left = await MemoryFleet.StartAsync(storage: storage);
        await using var right = await MemoryFleet.StartAsync(storage: storage);
        await DefineAsync(left, right);
        // Whoever writes first waits for the other, who has read the same: one of the two is refused.
        var (meeting, writes) = (new TaskCompletionSource(), 0);
        storage.BeforeWrite = async state =>
        {
            if (state == "pool" && Interlocked.Increment(ref writes) >= 2)
                meeting.TrySetResult();
            else if (state == "pool")
                await meeting.Task.WaitAsync(Eventually.Limit);
        };

        var nodes = Enumerable.Range(1, 24).Select(static i => new SimulatedNode($"edge-{i}") { Pools = ["edge"] })
            .ToList();
        await Task.WhenAll(nodes.Select((node, i) => LeaseAsync(node, i % 2 == 0 ? left : right)));

        Assert.Equal(nodes.Count, nodes.Select(static node => node.Grants[0].Prefix).Distinct().Count());
        Assert.NotEqual(0, storage.Conflicts);
    }

    [Fact]
    public async Task PrefixPoolGrain_WhoseWriteIsOvertaken_GivesNothingOfItAway()
    {
        var storage = new SharedStorage();
        await using var left = await MemoryFleet.StartAsync(storage: storage);
        await using var right = await MemoryFleet.StartAsync(storage: storage);
        await DefineAsync(left, right);
        SimulatedNode slow = new("edge-1") { Pools = ["edge"] }, fast = new("edge-2") { Pools = ["edge"] };
        TaskCompletionSource reached = new(), released = new();
        var writes = 0;
        storage.BeforeWrite = async state =>
        {
            if (state != "pool" || Interlocked.Increment(ref writes) > 1)
                return;
            reached.SetResult();
            await released.Task;
        };

        var overtaken = slow.ReportAsync(left.Fleet);
        await reached.Task.WaitAsync(Eventually.Limit);
        await LeaseAsync(fast, right);
        released.SetResult();
        var answer = await overtaken;
        await LeaseAsync(slow, left);

        Assert.Empty(answer.Leases);
        Assert.Equal(1, storage.Conflicts);
        Assert.NotEqual(fast.Grants[0].Prefix, slow.Grants[0].Prefix);
    }

    [Fact]
    public async Task FleetGrain_ActiveTwice_KeepsOneBudget()
    {
        var storage = new SharedStorage();
        await using var left = await MemoryFleet.StartAsync(storage: storage);
        await using var right = await MemoryFleet.StartAsync(storage: storage);
        SimulatedNode first = new("edge-1"), second = new("edge-2");
        Task ReportAsync(MemoryFleet to) => Task.WhenAll(
            first.ReportPersistentlyAsync(to.Fleet), second.ReportPersistentlyAsync(to.Fleet));
        await ReportAsync(left);
        Assert.True((await left.Fleet.StartDrainAsync(
            new DrainRequest { Id = "d", Nodes = ["edge-1", "edge-2"] }, default)).IsOk);

        await ReportAsync(right);
        var refused = await Eventually.HoldsAsync("an answer", async () => await right.Fleet.StartDrainAsync(
            new DrainRequest { Id = "e", Nodes = ["edge-2"] }, default),
                static result => result.Status != FleetStatus.Unavailable);
        for (var i = 0; i < 3; i++)
        {
            await ReportAsync(left);
            await ReportAsync(right);
        }

        Assert.Equal(FleetStatus.Conflict, refused.Status);
        Assert.NotNull(first.LastDirective!.Drain);
        Assert.Null(second.LastDirective!.Drain);
    }

    private static async Task DefineAsync(MemoryFleet left, MemoryFleet right)
    {
        await left.Fleet.TickAsync(default);
        // Beyond the time in which blocks of a lost state could still be held.
        left.Clock.Advance(TimeSpan.FromSeconds(125));
        right.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await left.Fleet.PutPoolAsync(Pool, null, default)).IsOk);
    }

    private static Task<NodeDirective> LeaseAsync(SimulatedNode node, MemoryFleet fleet) => Eventually.HoldsAsync(
        $"a lease of {node.Name}", () => node.ReportAsync(fleet.Fleet), static directive =>
            directive.Leases.Count == 1);
}
