using Relay.Fleet.State;
using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>Storage takes a write, and its answer is lost: what came of it is known with the next.</summary>
[Trait("Needs", "Cluster")]
public sealed class LostAnswerTests
{
    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task Quarantine_WhosePutWasNotAnswered_IsShownAsItIs()
    {
        await using var fleet = await MemoryFleet.StartAsync(storage: _storage);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);

        Assert.Equal(FleetStatus.Unavailable, (await WithoutAnswerAsync(() => fleet.Fleet.QuarantineNodeAsync("edge-1", null, default))).Status);
        await LimitAsync(fleet);

        await ShownAsync(fleet, node, isQuarantined: true);
    }

    [Fact]
    public async Task Quarantine_WhoseLiftWasNotAnswered_IsShownAsItIs()
    {
        await using var fleet = await MemoryFleet.StartAsync(storage: _storage);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        Assert.True((await fleet.Fleet.QuarantineNodeAsync("edge-1", null, default)).IsOk);

        Assert.Equal(FleetStatus.Unavailable, (await WithoutAnswerAsync(() => fleet.Fleet.LiftQuarantineAsync("edge-1", null, default))).Status);
        Assert.Equal(FleetStatus.NotFound, (await fleet.Fleet.LiftQuarantineAsync("edge-1", null, default)).Status);

        await ShownAsync(fleet, node, isQuarantined: false);
    }

    [Fact]
    public async Task Quarantine_WhoseImportWasNotAnswered_IsShownAsItIs()
    {
        await using var fleet = await MemoryFleet.StartAsync(storage: _storage);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        Assert.True((await fleet.Fleet.QuarantineNodeAsync("edge-1", null, default)).IsOk);
        var document = await ((IFleetBackup)fleet.Fleet).ExportAsync(default);
        Assert.True((await fleet.Fleet.LiftQuarantineAsync("edge-1", null, default)).IsOk);

        Assert.Equal(FleetStatus.Unavailable, (await WithoutAnswerAsync(() => ((IFleetBackup)fleet.Fleet).ImportAsync(document, default))).Status);
        Assert.True((await ((IFleetBackup)fleet.Fleet).ImportAsync(document, default)).IsOk);

        await ShownAsync(fleet, node, isQuarantined: true);
    }

    [Fact]
    public async Task Drain_WhoseTurnWasStoredWithoutAnAnswer_IsTellingItsNode()
    {
        await using var fleet = await MemoryFleet.StartAsync(storage: _storage);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(fleet.Fleet);
        var writes = 0;
        _storage.AfterWrite = state =>
        {
            // The first is its beginning, the second the node's turn.
            if (state == "drain" && Interlocked.Increment(ref writes) == 2)
                throw new IOException("the connection is gone");
        };

        Assert.True((await fleet.Fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default)).IsOk);
        Assert.Equal(2, writes);
        await fleet.Fleet.TickAsync(default);
        await fleet.Fleet.TickAsync(default);

        Assert.Equal("d", (await node.ReportAsync(fleet.Fleet)).Drain?.Id);
    }

    private async Task<FleetResult<T>> WithoutAnswerAsync<T>(Func<ValueTask<FleetResult<T>>> change)
    {
        _storage.AfterWrite = static state =>
        {
            if (state == "book")
                throw new IOException("the connection is gone");
        };
        var result = await change();
        _storage.AfterWrite = null;
        return result;
    }

    // Any other change has the grain read what there is.
    private static async Task LimitAsync(MemoryFleet fleet) => Assert.True((await fleet.Fleet.PutLimitAsync(
        new LimitRule { Identity = "credential:alice", Limit = new IdentityLimit { Sessions = 1 } }, null, default)).IsOk);

    private static async Task ShownAsync(MemoryFleet fleet, SimulatedNode node, bool isQuarantined)
    {
        await fleet.PassAsync(TimeSpan.FromSeconds(3), () => node.TryReportAsync(fleet.Fleet));
        Assert.Equal(isQuarantined, node.LastFailure is FleetRejectedException { IsQuarantined: true });
        var info = (await fleet.Fleet.GetNodeAsync("edge-1", default))!;
        Assert.Equal((isQuarantined, isQuarantined ? NodeState.Silent : NodeState.Serving), (info.Quarantine is not null, info.State));
    }
}
