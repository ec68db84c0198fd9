using Relay.Fleet.Drains;
using Relay.Fleet.Json;
using Relay.Fleet.State;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>What a fleet remembers is given out as a document, and taken in by one that has lost it.</summary>
public abstract class BackupBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private static readonly LimitRule Limit = new() { Identity = "credential:anna", Limit = new IdentityLimit { Sessions = 3 } };

    private IFleetBackup Backup => (IFleetBackup)Fleet;

    [Fact]
    public async Task Import_AfterEverythingIsLost_RestoresPoolsLimitsAndDrains()
    {
        var (holder, block) = await HoldAsync();
        await Fleet.PutLimitAsync(Limit, null, Cancellation);
        var drained = await World.JoinAsync("drained");
        await DrainAsync("d1", "drained");
        await World.UntilAsync("it is drained", async () => (await World.DrainAsync("d1")).State == DrainState.Completed);
        var epoch = Assert.Single(await World.LeasesAsync("v6")).Epoch;
        var document = await ExportAsync();
        await World.LoseStateAsync();

        var import = await ImportAsync(document);

        Assert.Equal(["v6"], import.Pools);
        Assert.Equal(["credential:anna"], import.Limits);
        Assert.Equal(["d1"], import.Drains);
        var late = World.Add("late", "v6");
        for (var end = World.Now + Timings.LeaseTime + TimeSpan.FromSeconds(10); World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal([block], holder.UsedBlocks);
            Assert.Equal(NodeState.Drained, drained.State);
        }
        Assert.NotEqual(block, Assert.Single(late.UsedBlocks));
        Assert.True((await World.LeasesAsync("v6")).Single(static lease => lease.Node == "late").Epoch > epoch);
        Assert.Equal(3, Assert.Single(await Fleet.ListLimitsAsync(Cancellation)).Limit.Sessions);
        Assert.Equal("d1", (await World.InfoAsync(drained)).DrainId);
        await Fleet.UndrainAsync("drained", Cancellation);
        await World.UntilAsync("it serves", () => drained.State == NodeState.Serving);
    }

    [Fact]
    public async Task Import_OfAPool_GrantsNothingBeforeALeaseTimeIsOver()
    {
        await HoldAsync();
        var document = await ExportAsync();
        await World.LoseStateAsync();
        await ImportAsync(document);
        var imported = World.Now;
        var late = World.Add("late", "v6");

        await World.UntilAsync("a block is granted", () => late.UsedBlocks.Any());

        Assert.True(World.Now - imported >= Timings.LeaseTime);
    }

    [Fact]
    public async Task Import_IntoTheFleetThatGaveTheDocumentOut_AddsNothing()
    {
        await HoldAsync();
        await Fleet.PutLimitAsync(Limit, null, Cancellation);
        await DrainAsync("d1", "holder");
        await World.UntilAsync("it is drained", async () => (await World.DrainAsync("d1")).State == DrainState.Completed);
        var before = await ExportAsync();

        var import = await ImportAsync(before);

        Assert.Empty(import.Pools.Concat(import.Limits).Concat(import.Drains));
        var after = await ExportAsync();
        Assert.Equal(before.Pools.Single().Pool, after.Pools.Single().Pool);
        Assert.Equal(before.Limits.Rules, after.Limits.Rules);
        Assert.Single(after.Drains);
        Assert.Null((await Fleet.GetPoolAsync("v6", Cancellation))!.GrantsFrom);
    }

    [Fact]
    public async Task Import_WhereSomethingIsAnother_NamesAllOfIt_AndChangesNothing()
    {
        await World.JoinAsync("a");
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        await World.DefineAsync("more", "2001:db8:1::/60", 64);
        await Fleet.PutLimitAsync(Limit, null, Cancellation);
        await DrainAsync("d1", "a");
        var document = await ExportAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("the node is known", async () => await Fleet.GetNodeAsync("a", Cancellation) is not null);
        await World.DefineAsync("v6", "2001:db8::/56", 64);
        await World.DefineAsync("other", "2001:db8:1::/56", 64);
        await Fleet.PutLimitAsync(Limit with { Limit = new IdentityLimit { Sessions = 4 } }, null, Cancellation);
        await DrainAsync("d1", "a", "another reason");

        var import = await Backup.ImportAsync(document, Cancellation);

        Assert.Equal(FleetStatus.Conflict, import.Status);
        Assert.Contains("pool v6 is 2001:db8::/56 in blocks of /64 here", import.Detail, StringComparison.Ordinal);
        Assert.Contains("pool more: 2001:db8:1::/60 overlaps pool other", import.Detail, StringComparison.Ordinal);
        Assert.Contains("the limit of credential:anna is another one here", import.Detail, StringComparison.Ordinal);
        Assert.Contains("drain d1 was begun by another request here", import.Detail, StringComparison.Ordinal);
        Assert.Equal(["other", "v6"], (await Fleet.ListPoolsAsync(Cancellation)).Select(static info => info.Pool.Name));
    }

    [Fact]
    public async Task Import_OfADrainWhoseNodeTakesPartInAnother_IsAConflict()
    {
        await World.JoinAsync("a");
        await DrainAsync("d1", "a");
        var document = await ExportAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("the node is known", async () => await Fleet.GetNodeAsync("a", Cancellation) is not null);
        await DrainAsync("d2", "a");

        var import = await Backup.ImportAsync(document, Cancellation);

        Assert.Equal(FleetStatus.Conflict, import.Status);
        Assert.Contains("a takes part in drain d2 here, and in drain d1", import.Detail, StringComparison.Ordinal);
        Assert.Null(await Fleet.GetDrainAsync("d1", Cancellation));
    }

    [Fact]
    public async Task Import_OfARollingDrain_GoesOn_OneAtATime()
    {
        SimulatedNode[] nodes = [await World.JoinAsync("a"), await World.JoinAsync("b"), await World.JoinAsync("c")];
        await Fleet.StartDrainAsync(
            new DrainRequest { Id = "d1", Nodes = ["a", "b", "c"], DeadlineSeconds = 60, Reason = "", MaxConcurrent = DrainBudget.Nodes(1) },
            Cancellation);
        await World.UntilAsync("the first is drained", () => nodes[0].State == NodeState.Drained);
        var document = await ExportAsync();
        await World.LoseStateAsync();

        await ImportAsync(document);
        for (var end = World.Now + 2 * Timings.NodeTimeout; World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal((NodeState.Drained, NodeState.Serving, NodeState.Serving), (nodes[0].State, nodes[1].State, nodes[2].State));
        }
        await Fleet.UndrainAsync("a", Cancellation);

        await World.UntilAsync("the next is drained", () => nodes[1].State == NodeState.Drained);
        Assert.Equal((NodeState.Serving, NodeState.Serving), (nodes[0].State, nodes[2].State));
    }

    [Fact]
    public async Task Import_OfANodeThatWasDrained_AfterAnotherDrainOfIt_OutlivesARestart()
    {
        var node = await World.JoinAsync("a");
        await DrainAsync("d1", "a");
        await World.UntilAsync("it is drained", async () => (await World.DrainAsync("d1")).State == DrainState.Completed);
        var document = await ExportAsync();
        await World.LoseStateAsync();
        await World.UntilAsync("it serves", () => node.State == NodeState.Serving);
        await DrainAsync("d2", "a");
        await World.UntilAsync("it is drained", async () => (await World.DrainAsync("d2")).State == DrainState.Completed);
        await Fleet.UndrainAsync("a", Cancellation);
        await World.UntilAsync("it is in no drain", async () => (await World.InfoAsync(node)).DrainId is null);

        await ImportAsync(document);
        await World.UntilAsync("it is drained again", () => node.State == NodeState.Drained);
        if (World.KeepsState)
        {
            await World.RestartAsync();
            await World.RunAsync(5 * Timings.ReportInterval);
            Assert.Equal(NodeState.Drained, node.State);
        }

        await World.UntilAsync("it is undrained", async () => (await Fleet.UndrainAsync("a", Cancellation)).Value?.Id == "d1");
        await World.UntilAsync("it serves", () => node.State == NodeState.Serving);
    }

    /// <summary>As it is when the drain is cancelled while the document is made.</summary>
    [Fact]
    public async Task Import_OfADrainThatIsOver_WithAPlaceThatIsNot_LeavesTheNodeFree()
    {
        await World.JoinAsync("a");
        await DrainAsync("d1", "a");
        var document = await ExportAsync();
        document = document with
        {
            Drains = [document.Drains[0] with
            {
                State = DrainState.Cancelled,
                Nodes = [document.Drains[0].Nodes[0] with { Step = DrainStep.Undrained }],
            }],
            Slots = new DrainSlotsState { Slots = [document.Slots.Slots[0] with { Phase = DrainSlotPhase.Enrolled }] },
        };
        await World.LoseStateAsync();
        await World.UntilAsync("the node is known", async () => await Fleet.GetNodeAsync("a", Cancellation) is not null);

        await ImportAsync(document);

        await DrainAsync("d2", "a");
        await World.UntilAsync("it is drained", async () => (await World.DrainAsync("d2")).State == DrainState.Completed);
    }

    [Fact]
    public async Task Import_OfADrainThatGoesBeyondAllNumbers_IsShownAndEnds()
    {
        SimulatedNode[] nodes = [await World.JoinAsync("a"), await World.JoinAsync("b")];
        await Fleet.StartDrainAsync(
            new DrainRequest { Id = "d1", Nodes = ["a", "b"], DeadlineSeconds = 60, Reason = "", MaxConcurrent = DrainBudget.Nodes(2) },
            Cancellation);
        await World.UntilAsync("they are drained", () => nodes.All(static node => node.State == NodeState.Drained));
        var document = await ExportAsync();
        var most = new NodeDrainProgress("d1", 1L << 53, 1L << 53, 1L << 53, 1L << 53);
        document = document with
        {
            Drains = [document.Drains[0] with
            {
                Nodes = [.. Enumerable.Range(0, 1200).Select(i => document.Drains[0].Nodes[0] with { Node = $"n{i}", Progress = most, Lost = 1L << 54 })],
            }],
            Slots = new DrainSlotsState(),
            Nodes = [document.Nodes[0] with { Leases = [null!], Rates = new NodeRates { UpstreamBytes = double.MaxValue } }],
        };
        Assert.Empty(FleetStateFaults.Of(document));
        await World.LoseStateAsync();

        await ImportAsync(document);

        await World.RunAsync(2 * Timings.ReportInterval);
        Assert.True((await World.DrainAsync("d1")).Finished > 1L << 53);
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        Assert.NotEmpty((await Fleet.GetOverviewAsync(Cancellation)).Nodes);
    }

    [Fact]
    public async Task Import_OfABlockThatIsKeptForALiar_TakesNoNumbersFromIt()
    {
        await HoldAsync();
        var document = await ExportAsync();
        var lease = document.Pools[0].Leases[0];
        document = document with
        {
            Pools = [document.Pools[0] with { Leases = [lease with { State = LeaseState.Quarantined, Epoch = 1L << 53 }] }],
        };
        await World.LoseStateAsync();

        await ImportAsync(document);

        Assert.True((await ExportAsync()).Pools[0].NextEpoch < 1L << 50);
    }

    [Fact]
    public async Task Import_OfANodeInTwoDrains_IsAConflict()
    {
        await World.JoinAsync("a");
        await DrainAsync("d1", "a");
        var document = await ExportAsync();
        document = document with { Drains = [document.Drains[0], document.Drains[0] with { Id = "d2" }] };
        await World.LoseStateAsync();

        var import = await Backup.ImportAsync(document, Cancellation);

        Assert.Equal(FleetStatus.Conflict, import.Status);
        Assert.Contains("a takes part in drain d1, and in drain d2", import.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfAQuarantinedBlock_KeepsItFromOthers()
    {
        var (holder, block) = await HoldAsync("2001:db8::/63");
        await holder.LeaveAsync(Fleet);
        await World.UntilAsync(
            "it is quarantined", async () => (await World.LeasesAsync("v6")).Any(static lease => lease.State == LeaseState.Quarantined));
        var document = await ExportAsync();
        await World.LoseStateAsync();

        await ImportAsync(document);

        Assert.Equal((block, LeaseState.Quarantined), (await World.LeasesAsync("v6")).Select(static lease => (lease.Prefix, lease.State)).Single());
    }

    private async Task<FleetState> ExportAsync()
    {
        var state = FleetStateJson.Read(FleetStateJson.Write(await Backup.ExportAsync(Cancellation)), out var faults);
        Assert.Empty(faults);
        return state!;
    }

    private async Task<FleetImport> ImportAsync(FleetState document)
    {
        var import = await Backup.ImportAsync(document, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (import.Status, import.Detail));
        return import.Value!;
    }

    private async Task DrainAsync(string drain, string node, string reason = "")
    {
        var started = await Fleet.StartDrainAsync(
            new DrainRequest
            {
                Id = drain,
                Nodes = [node],
                DeadlineSeconds = 60,
                Reason = reason,
                MaxConcurrent = DrainBudget.Nodes(1),
                Fingerprint = $"by {reason}",
            },
            Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (started.Status, started.Detail));
    }

    private async Task<(SimulatedNode Node, Prefix Block)> HoldAsync(string prefix = "2001:db8::/60")
    {
        var put = await Fleet.PutPoolAsync(FleetWorld.PoolOf("v6", prefix, 64), null, isNew: true, Cancellation);
        Assert.True(put.IsOk);
        var node = await World.JoinAsync("holder", "v6");
        await World.UntilAsync("it has a block", () => node.UsedBlocks.Any());
        return (node, node.UsedBlocks.Single());
    }
}
