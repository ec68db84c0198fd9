namespace Relay.Testing.Behaviour;

/// <summary>Nodes join, fall silent, come back and leave.</summary>
public abstract class NodeBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Node_ThatReports_IsListedAsItSays()
    {
        var node = World.Add("edge-1");
        node.Version = "2.3.4";
        node.Warnings = ["its certificate runs out"];
        node.IsOpenRelay = true;
        node.StaticPrefixes.Add(Prefix.Parse("198.51.100.0/24"));
        node.Tunnels = 7;

        await World.UntilAsync(
            "the node is known", async () => await Fleet.GetNodeAsync("edge-1", Cancellation) is not null);

        var info = await World.InfoAsync(node);
        Assert.Equal((NodeState.Serving, NodeState.Serving, "2.3.4"), (info.State, info.DesiredState, info.Version));
        Assert.Equal(node.Incarnation, info.Incarnation);
        Assert.Equal(["192.0.2.10:443"], info.Addresses);
        Assert.Equal(7, info.Load.TcpTunnels);
        Assert.Equal(["its certificate runs out"], info.Warnings);
        Assert.True(info.IsOpenRelay);
        Assert.Equal([Prefix.Parse("198.51.100.0/24")], info.StaticPrefixes);
        await World.UntilAsync("the overview has it", async () =>
            (await Fleet.GetOverviewAsync(Cancellation)).Nodes.GetValueOrDefault(NodeState.Serving) == 1);
        var overview = await Fleet.GetOverviewAsync(Cancellation);
        Assert.Contains(overview.Warnings, warning => warning is { Kind: "open-relay", Node: "edge-1" });
        Assert.Contains(overview.Warnings,
            warning => warning.Node == "edge-1" && warning.Text.Contains("runs out", StringComparison.Ordinal));
        Assert.Null(await Fleet.GetNodeAsync("edge-2", Cancellation));
    }

    [Fact]
    public async Task Node_ThatWarnsOfMuch_HidesNoWarningOfOthers()
    {
        var (liar, dead) = (await World.JoinAsync("a"), await World.JoinAsync("z"));
        liar.Warnings = [.. Enumerable.Range(0, 64).Select(static i => $"warning {i}")];
        dead.IsDead = true;

        await World.UntilAsync("the other is warned of", async () => (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Any(
            static warning => warning is { Kind: "node-silent", Node: "z" }));

        Assert.Equal(4, (await Fleet.GetOverviewAsync(Cancellation)).Warnings.Count(static warning => warning.Node == "a"));
    }

    [Fact]
    public async Task Node_ThatStopsToReport_IsSilentAndThenForgotten()
    {
        var (dead, other) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        dead.IsDead = true;

        await World.UntilAsync("a is silent", async () => (await World.InfoAsync(dead)).State == NodeState.Silent);
        Assert.Equal(NodeState.Serving, (await World.InfoAsync(other)).State);
        Assert.Contains((await Fleet.GetOverviewAsync(Cancellation)).Warnings,
            warning => warning is { Kind: "node-silent", Node: "a" });

        await World.UntilAsync(
            "a is forgotten", async () => await Fleet.GetNodeAsync("a", Cancellation) is null, 2 * Timings.ForgetAfter);
    }

    [Fact]
    public async Task Node_CutOffForAWhile_IsHeardOfAgain()
    {
        var node = await World.JoinAsync("a");
        node.IsCutOff = true;
        await World.UntilAsync("it is silent", async () => (await World.InfoAsync(node)).State == NodeState.Silent);

        node.IsCutOff = false;

        await World.UntilAsync("it serves", async () => (await World.InfoAsync(node)).State == NodeState.Serving);
        Assert.Null(node.Rejection);
    }

    [Fact]
    public async Task Node_ThatLeaves_IsGoneAtOnce()
    {
        var node = await World.JoinAsync("a");

        await node.LeaveAsync(Fleet);

        await World.UntilAsync(
            "it is gone", async () =>
                await Fleet.GetNodeAsync("a", Cancellation) is null, Timings.NodeTimeout - Timings.ReportInterval);
    }

    [Fact]
    public async Task Node_ThatRestarts_IsTheSameNodeAnew()
    {
        var node = await World.JoinAsync("a");
        await node.RestartAsync();

        await World.UntilAsync(
            "it began anew", async () => (await World.InfoAsync(node)).Incarnation == node.Incarnation);

        Assert.Single((await Fleet.ListNodesAsync(100, null, Cancellation)).Items);
        Assert.Null(node.Rejection);
    }

    [Fact]
    public async Task Nodes_MoreThanAPage_AreListedInOrderAndOnce()
    {
        foreach (var i in Enumerable.Range(0, 7))
            World.Add($"n{i}");
        await World.UntilAsync(
            "all are known", async () => (await Fleet.ListNodesAsync(100, null, Cancellation)).Items.Count == 7);

        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = await Fleet.ListNodesAsync(3, cursor, Cancellation);
            Assert.InRange(page.Items.Count, 1, 3);
            seen.AddRange(page.Items.Select(node => node.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(["n0", "n1", "n2", "n3", "n4", "n5", "n6"], seen);
    }

    [Fact]
    public async Task Report_ThatIsMalformed_IsRefusedWithItsFault()
    {
        var report = World.Add("a").Next() with { Pools = ["Not A Pool"], Load = new NodeLoad { Sessions = -1 } };

        var refusal =
            await Assert.ThrowsAsync<FleetRejectedException>(async () => await Fleet.ReportAsync(report, Cancellation));

        Assert.Contains("pools", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("load", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await Fleet.GetNodeAsync("a", Cancellation));
    }

    [Fact]
    public async Task Report_Repeated_IsAnsweredAlike()
    {
        var node = await World.JoinAsync("a");
        node.Open("session-1");
        var report = node.Next();

        var first = await Fleet.ReportAsync(report, Cancellation);
        var second = await Fleet.ReportAsync(report, Cancellation);

        Assert.Equal(report.Sequence, first.Sequence);
        Assert.Equal(report.Sequence, second.Sequence);
        Assert.Equal(first.AcknowledgedSessions, second.AcknowledgedSessions);
        Assert.False(second.Resync);
    }
}
