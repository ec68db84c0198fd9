using Relay.Fleet.State;

namespace Relay.Testing.Behaviour;

/// <summary>A node whose word an operator takes no more.</summary>
public abstract class QuarantineBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private Task<FleetResult<NodeQuarantine>> QuarantineAsync(string node, string? expectedVersion = null) =>
        Fleet.QuarantineNodeAsync(node, expectedVersion, Cancellation).AsTask();

    private Task<FleetResult<NodeQuarantine>> LiftAsync(string node, string? expectedVersion = null) =>
        Fleet.LiftQuarantineAsync(node, expectedVersion, Cancellation).AsTask();

    [Fact]
    public async Task Quarantine_OfANode_RefusesItsReportsAndListsItAsThat()
    {
        var (node, other) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        Assert.Equal(FleetStatus.NotFound, (await QuarantineAsync("c")).Status);

        var put = await QuarantineAsync("a");

        Assert.Equal((FleetStatus.Ok, "a"), (put.Status, put.Value?.Node));
        for (var step = 0; step < 10; step++)
        {
            await World.StepAsync();
            Assert.True(node.LastFailure is FleetRejectedException { IsQuarantined: true });
            Assert.Null(other.LastFailure);
        }
        var info = await World.InfoAsync(node);
        Assert.Equal((NodeState.Silent, put.Value), (info.State, info.Quarantine));
        Assert.Contains("quarantined by an operator", node.Rejection!.Message, StringComparison.Ordinal);
        var listed = (await Fleet.ListNodesAsync(10, null, Cancellation)).Items;
        Assert.Equal(["a"], listed.Where(static one => one.Quarantine is not null).Select(static one => one.Id));
        var warning = Assert.Single((await Fleet.GetOverviewAsync(Cancellation)).Warnings, static one => one.Node is "a" or "b");
        Assert.Equal("node-quarantined", warning.Kind);
    }

    [Fact]
    public async Task Quarantine_OfANode_TakesItsSessionsLimitsAndStatisticsOutOfTheSums()
    {
        await Fleet.PutLimitAsync(
            new LimitRule { Identity = "credential:alice", Limit = new IdentityLimit { Sessions = 4 } }, null, Cancellation);
        var (node, other) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        node.Open("one");
        other.Open("two");
        (node.Tunnels, other.Tunnels) = (7, 3);
        (node.Totals, other.Totals) = (new NodeTotals { UpstreamBytes = long.MaxValue >> 12 }, new NodeTotals { UpstreamBytes = 1000 });
        await World.UntilAsync("both are counted", async () =>
            (await StatsAsync()).Totals.UpstreamBytes > 1000
            && (await Fleet.GetOverviewAsync(Cancellation)).Load.TcpTunnels == 10
            && (await Fleet.ListSessionsAsync(new SessionQuery(), Cancellation)).Items.Count == 2);
        await World.RunAsync(TimeSpan.FromSeconds(30));

        await QuarantineAsync("a");

        await World.UntilAsync("it is in no sum", async () => await StatsAsync() is { Totals.UpstreamBytes: 1000, Nodes: [{ Node: "b" }] });
        Assert.Equal(3, (await StatsAsync()).Series[^1].Load.TcpTunnels);
        Assert.All((await StatsAsync()).Series, static point => Assert.True(point.Rates.UpstreamBytes < 1e4));
        var overview = await Fleet.GetOverviewAsync(Cancellation);
        Assert.Equal((3, 1), (overview.Load.TcpTunnels, overview.Nodes[NodeState.Serving]));
        Assert.Equal(["two"], (await Fleet.ListSessionsAsync(new SessionQuery(), Cancellation)).Items.Select(static one => one.Id));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.EndSessionAsync("one", Cancellation)).Status);
        await World.RunAsync(10 * Timings.ReportInterval);
        Assert.Equal(1000, (await StatsAsync()).Totals.UpstreamBytes);
    }

    [Fact]
    public async Task Quarantine_OfANodeWithABlock_LetsItRunOutUnrenewed()
    {
        await World.DefineAsync("v6", "2001:db8::/60", 64);
        var node = await World.JoinAsync("a", "v6");
        await World.UntilAsync("it serves", () => node.UsedBlocks.Any(), 2 * Timings.LeaseTime);

        await QuarantineAsync("a");
        var from = World.Now;

        await World.UntilAsync("it stops", () => !node.UsedBlocks.Any(), Timings.LeaseTime);
        await World.UntilAsync("it is nobody's", async () => (await World.LeasesAsync("v6")).All(static lease => lease.State == LeaseState.Quarantined),
            Timings.LeaseTime);
        Assert.True(World.Now - from <= Timings.LeaseTime + Timings.MaxClockSkew + (3 * Timings.ReportInterval));
    }

    [Fact]
    public async Task Quarantine_OfANode_StaysOverTimeAndRestartsUntilItIsLifted()
    {
        var node = await World.JoinAsync("a");
        var put = await QuarantineAsync("a");
        node.IsCutOff = true;
        await World.RunAsync(Timings.ForgetAfter + Timings.NodeTimeout);
        Assert.Equal(put.Value, (await World.InfoAsync(node)).Quarantine);
        Assert.Equal(FleetStatus.Conflict, (await Fleet.ForgetNodeAsync("a", Cancellation)).Status);

        await World.RestartAsync();
        node.IsCutOff = false;
        await World.StepAsync();
        if (World.KeepsState)
        {
            await World.UntilAsync("it is listed", async () => (await Fleet.GetNodeAsync("a", Cancellation))?.Quarantine == put.Value);
            Assert.True(node.LastFailure is FleetRejectedException { IsQuarantined: true });
            Assert.Equal(FleetStatus.Ok, (await LiftAsync("a")).Status);
        }

        await World.UntilAsync("it is taken again", async () =>
            node.LastFailure is null && await World.InfoAsync(node) is { State: NodeState.Serving, Quarantine: null });
        Assert.Equal(FleetStatus.NotFound, (await LiftAsync("a")).Status);
        node.Open("one");
        await World.UntilAsync(
            "its sessions are listed", async () => await Fleet.GetSessionAsync("one", Cancellation) is not null);
    }

    [Fact]
    public async Task Quarantine_PutTwiceOrWithAnExpectedVersion_IsChangedOnlyFromThat()
    {
        await World.JoinAsync("a");
        var first = await QuarantineAsync("a", expectedVersion: "");
        Assert.Equal(FleetStatus.Ok, first.Status);

        Assert.Equal(first.Value, (await QuarantineAsync("a")).Value);
        Assert.Equal(FleetStatus.PreconditionFailed, (await QuarantineAsync("a", expectedVersion: "")).Status);
        Assert.Equal(FleetStatus.PreconditionFailed, (await LiftAsync("a", "1")).Status);
        Assert.Equal(FleetStatus.Ok, (await LiftAsync("a", first.Value!.Version)).Status);
        var second = await QuarantineAsync("a");
        Assert.NotEqual(first.Value.Version, second.Value!.Version);
    }

    [Fact]
    public async Task Quarantine_OfANodeThatDrains_HoldsUpNoDrain()
    {
        var (node, next) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        node.Tunnels = 5;
        await World.UntilAsync("both serve", async () => (await Fleet.GetOverviewAsync(Cancellation)).Nodes[NodeState.Serving] == 2);
        await Fleet.StartDrainAsync(
            new DrainRequest { Id = "d1", Nodes = ["a", "b"], DeadlineSeconds = 600 }, Cancellation);
        await World.UntilAsync("it drains", () => node.State != NodeState.Serving);

        await QuarantineAsync("a");

        await World.UntilAsync("the next has its turn", () => next.State == NodeState.Drained);
    }

    [Fact]
    public async Task Quarantine_OfAFleetThatIsMoved_GoesWithIt()
    {
        var node = await World.JoinAsync("a");
        await QuarantineAsync("a");
        var document = await ((IFleetBackup)Fleet).ExportAsync(Cancellation);
        node.IsCutOff = true;
        await World.LoseStateAsync();

        var import = await ((IFleetBackup)Fleet).ImportAsync(document, Cancellation);

        Assert.Equal(["a"], import.Value!.Quarantined);
        node.IsCutOff = false;
        await World.RunAsync(3 * Timings.ReportInterval);
        Assert.True(node.LastFailure is FleetRejectedException { IsQuarantined: true });
        Assert.NotNull((await World.InfoAsync(node)).Quarantine);
    }

    private ValueTask<FleetStats> StatsAsync() => Fleet.GetStatsAsync(3600, Cancellation);
}
