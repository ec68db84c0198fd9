using System.Net.Http.Json;
using Relay.Fleet.Json;
using Relay.Grains.Contracts;
using Relay.Grains.Hosting;
using Relay.Grains.Membership;
using Relay.Grains.Nodes;
using Relay.Grains.Stats;
using Relay.Testing.Admin;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>A coordinator that does not reach who decides for a node answers it itself, and says that it lives.</summary>
[Trait("Needs", "Cluster")]
public sealed class StandInTests : IAsyncDisposable
{
    private readonly TaskCompletionSource _hung = new();
    private TestCluster? _cluster;
    private volatile Type? _hangs;

    [Fact]
    public async Task Report_WhoseGrainHangs_IsAnsweredWithWhatWasLastSeen_AndTheNodeIsNotSilent()
    {
        var fleet = await StartAsync();
        SimulatedNode known = new("edge-1") { TakesStandIns = true }, mute = new("edge-2") { TakesStandIns = true };
        known.Open("a");
        await ReportAsync(known, fleet);
        await ReportAsync(mute, fleet);
        await fleet.StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);
        await Eventually.HoldsAsync("the order", () => ReportAsync(known, fleet), static answer => answer.Drain is not null);
        var real = known.LastDirective!;

        _hangs = typeof(NodeGrain);
        // Twice the node timeout: one of them is heard of, by this coordinator alone.
        for (var i = 0; i < 30; i++)
        {
            var answer = await known.ReportAsync(fleet);
            Assert.True(answer.IsStandIn);
            Assert.Equal(
                (real.Sequence, "d", real.AcknowledgedSessions),
                (answer.KnownSequence, answer.Drain?.Id, answer.AcknowledgedSessions));
            await PassAsync(fleet);
        }

        Assert.Equal(NodeState.Lame, known.State);
        var states = (await fleet.ListNodesAsync(10, null, default)).Items.Select(static node => node.State);
        Assert.Equal([NodeState.Serving, NodeState.Silent], states);
        _hung.SetResult();
        _hangs = null;
        var after = await ReportAsync(known, fleet);
        Assert.False(after.Resync);
        Assert.Equal("a", (await fleet.GetSessionAsync("a", default))?.Id);
    }

    [Fact]
    public async Task Report_OfANodeThatWasNeverSeen_OrIsOlder_OrLeaves()
    {
        var fleet = await StartAsync();
        SimulatedNode node = new("edge-1") { TakesStandIns = true }, older = new("edge-2");
        _hangs = typeof(NodeGrain);

        var answer = await node.ReportAsync(fleet);

        Assert.Equal((true, 0L, null), (answer.IsStandIn, answer.KnownSequence, answer.Drain));
        await Assert.ThrowsAsync<FleetUnavailableException>(() => older.ReportAsync(fleet));
        await Assert.ThrowsAsync<FleetUnavailableException>(() => node.ReportAsync(fleet, isLeaving: true));
        _hung.SetResult();
    }

    /// <summary>Whatever patience it asks for: nothing is renewed before the fleet has said that it takes the node.</summary>
    [Fact]
    public async Task Report_OfAQuarantinedNode_WhileTheFleetDoesNotSayThatItIs_RenewsNothing()
    {
        var fleet = await StartAsync();
        await fleet.TickAsync(default);
        _cluster!.Clock.Advance(TimeSpan.FromSeconds(125));
        Assert.True((await fleet.PutPoolAsync(
            new PrefixPool { Name = "edge", Prefix = Prefix.Parse("2001:db8::/60"), BlockLength = 64 }, null, default)).IsOk);
        var node = new SimulatedNode("edge-1") { TakesStandIns = true, Pools = ["edge"] };
        await Eventually.HoldsAsync("a block", () => ReportAsync(node, fleet), static answer => answer.Leases.Count > 0);
        Assert.True((await fleet.QuarantineNodeAsync("edge-1", null, default)).IsOk);
        var before = await LeaseAsync();
        node.Amend = static report => report with { StandInAfterMilliseconds = 1 };

        _hangs = typeof(FleetGrain);
        for (var i = 0; i < 4; i++)
        {
            _cluster.Clock.Advance(TimeSpan.FromSeconds(10));
            Assert.True((await node.ReportAsync(fleet)).IsStandIn);
        }
        _hangs = null;
        _hung.SetResult();
        await Eventually.HoldsAsync(async () =>
        {
            await node.TryReportAsync(fleet);
            return node.Rejection is not null;
        });

        Assert.Equal(before.ExpiresAt, (await LeaseAsync()).ExpiresAt);

        async Task<LeaseInfo> LeaseAsync() => Assert.Single((await fleet.ListLeasesAsync("edge", 10, null, default))!.Items);
    }

    [Fact]
    public async Task Report_ToACoordinatorWithoutACluster_IsAnsweredAllTheSame()
    {
        var fleet = await StartAsync();
        var node = new SimulatedNode("edge-1") { TakesStandIns = true };
        await ReportAsync(node, fleet);

        fleet.Detach();

        Assert.True((await node.ReportAsync(fleet)).IsStandIn);
        await using (var admin = await AdminApp.StartAsync(fleet))
        using (var client = admin.Client("edge-*"))
        using (var answer = await client.PostAsJsonAsync(
            "/v1/nodes/edge-1/reports", node.Next() with { StandInAfterMilliseconds = 800 }, FleetJson.Of<NodeReport>()))
        {
            Assert.True((await answer.Content.ReadFromJsonAsync(FleetJson.Of<NodeDirective>()))!.IsStandIn);
        }
        // Another process of the name is not told anything, and the refusals of who decides are no stand-in's to give.
        Assert.Equal(0, (await new SimulatedNode("edge-1") { TakesStandIns = true }.ReportAsync(fleet)).KnownSequence);
    }

    [Fact]
    public async Task Heard_WhileTheFleetCannotBeTold_IsToldLater_AsOfThen()
    {
        var fleet = await StartAsync();
        var other = _cluster!.FleetOf(_cluster.Silos[0], isPatient: false);
        var node = new SimulatedNode("edge-1") { TakesStandIns = true };
        await ReportAsync(node, fleet);

        fleet.Detach();
        await PassAsync(other, 10);
        Assert.True((await node.ReportAsync(fleet)).IsStandIn);
        await Assert.ThrowsAsync<FleetUnavailableException>(() => fleet.TickAsync(default));
        fleet.Attach(_cluster.Grains(_cluster.Silos[0]));
        await PassAsync(other, 4);
        await fleet.TickAsync(default);

        await PassAsync(other, 8);
        Assert.Equal(NodeState.Serving, await StateAsync());
        await PassAsync(other, 4);
        Assert.Equal(NodeState.Silent, await StateAsync());

        async Task<NodeState> StateAsync() => (await other.GetNodeAsync("edge-1", default))!.State;
    }

    /// <summary>Whether that one hangs or the fleet's grain is cut off, it cannot hear what nodes report there.</summary>
    [Fact]
    public async Task Silence_WhileAMemberIsNotHeard_IsNobodys()
    {
        var fleet = await StartAsync();
        var silo = _cluster!.Silos[0];
        var single = _cluster.Grains(silo).GetGrain<IFleetGrain>(GrainKeys.Single);
        var node = new SimulatedNode("edge-1");
        await ReportAsync(node, fleet);
        await single.PulseAsync(new Pulse(silo.SiloAddress.ToParsableString()));
        await single.PulseAsync(new Pulse("of one that is no member"));

        await PassAsync(fleet, 28);
        Assert.Equal(NodeState.Serving, (await fleet.GetNodeAsync("edge-1", default))!.State);
        // Whom the cluster keeps all the same is waited for no longer.
        await PassAsync(fleet, 20);
        Assert.Equal(NodeState.Silent, (await fleet.GetNodeAsync("edge-1", default))!.State);
        await ReportAsync(node, fleet);

        for (var i = 0; i < 16; i++)
        {
            await single.PulseAsync(new Pulse(silo.SiloAddress.ToParsableString()));
            await PassAsync(fleet);
        }
        Assert.Equal(NodeState.Silent, (await fleet.GetNodeAsync("edge-1", default))!.State);
    }

    /// <summary>What is only added up elsewhere is no reason not to be answered by who decides, or to be silent.</summary>
    [Fact]
    public async Task Report_WhoseStageHangs_IsAnsweredByItsGrain_AndItsNodeIsNotSilent()
    {
        var fleet = await StartAsync();
        var node = new SimulatedNode("edge-1") { TakesStandIns = true };
        await ReportAsync(node, fleet);

        _hangs = typeof(StatsGrain);
        await Eventually.HoldsAsync(
            "answers", () => node.ReportAsync(fleet), static answer => !answer.IsStandIn && answer.IsCutOff);
        for (var i = 0; i < 4; i++)
        {
            _cluster!.Clock.Advance(TimeSpan.FromSeconds(5));
            await fleet.TickAsync(default);
        }

        Assert.Equal(NodeState.Serving, Assert.Single((await fleet.ListNodesAsync(10, null, default)).Items).State);
        _hung.SetResult();
    }

    /// <summary>Its coordinator, and all that is there, may be an island: nobody else hears what is said there.</summary>
    [Fact]
    public async Task Report_ToAStageThatNobodyReads_IsAnsweredAndSentToAnother()
    {
        var fleet = await StartAsync();
        var node = new SimulatedNode("edge-1") { TakesStandIns = true };
        await ReportAsync(node, fleet);
        await fleet.TickAsync(default);
        var before = await ReportAsync(node, fleet);

        _hangs = typeof(FleetGrain);
        _cluster!.Clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(
            "answers", () => node.ReportAsync(fleet), static answer => !answer.IsStandIn && answer.IsCutOff);
        _hangs = null;
        _hung.SetResult();
        await fleet.TickAsync(default);

        Assert.False(before.IsCutOff);
        await Eventually.HoldsAsync("answers", () => node.ReportAsync(fleet), static answer => !answer.IsCutOff);
    }

    public async ValueTask DisposeAsync()
    {
        _hung.TrySetResult();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private async Task<GrainFleet> StartAsync()
    {
        _cluster = await TestCluster.StartAsync(1, (_, silo) => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.Grain?.GetType() is { } type && type == _hangs)
                await _hung.Task;
            await call.Invoke();
        }), isPatient: false);
        return _cluster.FleetOf(_cluster.Silos[0], isPatient: false);
    }

    // By who decides, which a busy machine may keep from answering in time.
    private static Task<NodeDirective> ReportAsync(SimulatedNode node, GrainFleet fleet) => Eventually.HoldsAsync(
        $"a real answer to {node.Name}", () => node.ReportAsync(fleet), static answer => !answer.IsStandIn);

    private async Task PassAsync(GrainFleet fleet, int seconds = 1)
    {
        for (var i = 0; i < seconds; i++)
        {
            _cluster!.Clock.Advance(TimeSpan.FromSeconds(1));
            await fleet.TickAsync(default);
        }
    }
}
