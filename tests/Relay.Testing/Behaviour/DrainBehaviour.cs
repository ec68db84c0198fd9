using Relay.Fleet.Drains;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>Nodes are drained, one and many.</summary>
public abstract class DrainBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    [Fact]
    public async Task Drain_OfANode_LetsItsTunnelsFinish()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 3;

        var started = await StartAsync("d1", deadlineSeconds: 600, nodes: "a");

        Assert.Equal(
            (FleetStatus.Ok, DrainState.Running, "d1"), (started.Status, started.Value!.State, started.Value.Id));
        await World.UntilAsync("it is lame", () => node.State == NodeState.Lame);
        await World.UntilAsync("it is known to drain", () => StepIsAsync("d1", "a", DrainStep.Draining));
        var info = await World.InfoAsync(node);
        Assert.Equal((NodeState.Draining, NodeState.Drained, "d1"), (info.State, info.DesiredState, info.DrainId));
        await World.UntilAsync("its tunnels are counted", async () => (await World.DrainAsync("d1")).TunnelsLeft == 3);

        node.FinishTunnels(3);
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));

        var drain = await World.DrainAsync("d1");
        Assert.Equal((DrainState.Completed, 1, 0, 0), (drain.State, drain.Drained, drain.Draining, drain.Waiting));
        Assert.Equal((3, 0, 0, 0), (drain.Finished, drain.ForceClosed, drain.Lost, drain.TunnelsLeft));
        Assert.NotNull(drain.EndedAt);
        Assert.NotNull(drain.Nodes.Single().StartedAt);
        Assert.True(drain.Nodes.Single().DeadlineAt > drain.Nodes.Single().StartedAt);
    }

    [Fact]
    public async Task Drain_WhoseDeadlineComes_EndsWhatIsLeftByForce()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 5;
        await StartAsync("d1", deadlineSeconds: 10, nodes: "a");
        await World.UntilAsync("it drains", () => node.State == NodeState.Draining);
        node.FinishTunnels(2);

        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));

        var drain = await World.DrainAsync("d1");
        Assert.Equal((2, 3, 0), (drain.Finished, drain.ForceClosed, drain.Lost));
        Assert.Equal(DrainStep.Drained, drain.Nodes.Single().Step);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task Drain_WhileTheWallClockIsSet_GoesOnAsItWas_AndNobodyIsSilent(int minutes)
    {
        var (node, other) = (await World.JoinAsync("a"), await World.JoinAsync("b"));
        node.Tunnels = 2;
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");
        await World.UntilAsync("it drains", () => StepIsAsync("d1", "a", DrainStep.Draining));

        World.SetClock(TimeSpan.FromMinutes(minutes));
        // Longer than a node that reports to drain is waited for after its deadline.
        for (var end = World.Now + DrainPlan.Patience + TimeSpan.FromSeconds(10); World.Now < end;)
        {
            await World.StepAsync();
            Assert.Equal((NodeState.Draining, 2), (node.State, node.Tunnels));
            Assert.Equal(NodeState.Serving, (await World.InfoAsync(other)).State);
        }
        var drain = await World.DrainAsync("d1");
        Assert.Equal((DrainState.Running, 0), (drain.State, drain.Lost));

        node.FinishTunnels(2);
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));
        drain = await World.DrainAsync("d1");
        Assert.Equal((2, 0, 0), (drain.Finished, drain.ForceClosed, drain.Lost));
    }

    [Fact]
    public async Task Drain_Immediate_HasNoLameTime()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 1;

        await StartAsync("d1", deadlineSeconds: 600, mode: DrainMode.Immediate, nodes: "a");
        await World.UntilAsync("it is ordered", () => node.LastDirective?.Drain is not null);

        Assert.Equal(0, node.LastDirective!.Drain!.LameMilliseconds);
        Assert.Equal(NodeState.Draining, node.State);
    }

    [Fact]
    public async Task Drain_OfADrainedNode_LastsUntilItIsUndrained()
    {
        var node = await World.JoinAsync("a");
        await StartAsync("d1", nodes: "a");
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));
        await World.RunAsync(10 * Timings.ReportInterval);
        Assert.Equal(NodeState.Drained, node.State);

        var undrained = await Fleet.UndrainAsync("a", Cancellation);

        Assert.Equal((FleetStatus.Ok, "d1"), (undrained.Status, undrained.Value?.Id));
        await World.UntilAsync("it serves", () => node.State == NodeState.Serving);
        await World.UntilAsync("it has returned", () => StepIsAsync("d1", "a", DrainStep.Returned));
        Assert.Equal(DrainState.Completed, (await World.DrainAsync("d1")).State);
        await World.UntilAsync("it is in no drain", async () => (await World.InfoAsync(node)).DrainId is null);
    }

    [Fact]
    public async Task Undrain_WhileItDrains_EndsTheDrain()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 2;
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");
        await World.UntilAsync("it drains", () => node.State == NodeState.Draining);

        await Fleet.UndrainAsync("a", Cancellation);

        await World.UntilAsync("it serves", () => node.State == NodeState.Serving);
        await World.UntilAsync("it is undrained", () => StepIsAsync("d1", "a", DrainStep.Undrained));
        Assert.Equal(
            (DrainState.Completed, 0), ((await World.DrainAsync("d1")).State, (await World.DrainAsync("d1")).Lost));
        Assert.Equal(2, node.Tunnels);
    }

    [Fact]
    public async Task Undrain_OfANodeInNoDrain_IsFine()
    {
        await World.JoinAsync("a");

        var undrained = await Fleet.UndrainAsync("a", Cancellation);

        Assert.Equal((FleetStatus.Ok, null), (undrained.Status, undrained.Value));
        Assert.Equal(FleetStatus.NotFound, (await Fleet.UndrainAsync("nobody", Cancellation)).Status);
    }

    [Fact]
    public async Task Drain_OfAProcess_EndsWhenAnotherBegins()
    {
        var node = await World.JoinAsync("a");
        await StartAsync("d1", nodes: "a");
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));

        await node.RestartAsync();

        await World.UntilAsync("it has returned", () => StepIsAsync("d1", "a", DrainStep.Returned));
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal(NodeState.Serving, node.State);
    }

    [Fact]
    public async Task Drain_OfANodeThatRestartsMeanwhile_CountsItsTunnelsAsLost()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 4;
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");
        await World.UntilAsync("it drains", async () => (await World.DrainAsync("d1")).TunnelsLeft == 4
            && await StepIsAsync("d1", "a", DrainStep.Draining));

        await node.RestartAsync();

        await World.UntilAsync("it is lost", () => StepIsAsync("d1", "a", DrainStep.Lost));
        var drain = await World.DrainAsync("d1");
        Assert.Equal((DrainState.Completed, 4, 0), (drain.State, drain.Lost, drain.Finished));
        await World.RunAsync(5 * Timings.ReportInterval);
        Assert.Equal(NodeState.Serving, node.State);
    }

    [Fact]
    public async Task Drain_OfANodeThatFallsSilent_CountsItsTunnelsAsLost()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 4;
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");
        await World.UntilAsync("it drains", () => StepIsAsync("d1", "a", DrainStep.Draining));

        node.IsDead = true;

        await World.UntilAsync("it is lost", () => StepIsAsync("d1", "a", DrainStep.Lost));
        Assert.Equal(
            (DrainState.Completed, 4), ((await World.DrainAsync("d1")).State, (await World.DrainAsync("d1")).Lost));
    }

    [Fact]
    public async Task Drain_Rolling_KeepsItsBudgetAndWaitsForWhoeverIsOut()
    {
        SimulatedNode[] nodes = [World.Add("a"), World.Add("b"), World.Add("c")];
        await World.UntilAsync(
            "all serve", async () => (await Fleet.ListNodesAsync(10, null, Cancellation)).Items.Count == 3);
        await StartAsync("roll", selector: new NodeSelector());

        var restarts = 0;
        await World.UntilAsync(
            "all were drained",
            async () =>
            {
                Assert.InRange(nodes.Count(node => node.State != NodeState.Serving), 0, 1);
                var drain = await World.DrainAsync("roll");
                if (drain.Nodes.FirstOrDefault(node => node.Step == DrainStep.Drained) is { } drained
                    && drain.Waiting > 0)
                {
                    await World.RunAsync(5 * Timings.ReportInterval);
                    var waits = await World.DrainAsync("roll");
                    Assert.Equal(drain.Waiting, waits.Waiting);
                    Assert.Contains(drained.Node, waits.Holdup, StringComparison.Ordinal);
                    var restarted = nodes.Single(node => node.Name == drained.Node);
                    await restarted.RestartAsync();
                    await World.UntilAsync("it is taken for the node", () => restarted.LastDirective is not null);
                    restarts++;
                }
                return drain.State == DrainState.Completed;
            },
            TimeSpan.FromMinutes(5));

        Assert.Equal(2, restarts);
        Assert.Equal(3, (await World.DrainAsync("roll")).Drained);
    }

    [Theory]
    [InlineData(OnLostNode.Continue)]
    [InlineData(OnLostNode.Wait)]
    public async Task Drain_Rolling_GoesOnWithoutANodeThatIsLost_AtOnceOrWhenItHadTimeToReturn(OnLostNode onLost)
    {
        SimulatedNode[] nodes = [World.Add("a"), World.Add("b")];
        await World.UntilAsync(
            "both serve", async () => (await Fleet.ListNodesAsync(10, null, Cancellation)).Items.Count == 2);
        nodes[0].Tunnels = 1;
        var started = await Fleet.StartDrainAsync(
            new DrainRequest { Id = "roll", Nodes = ["a", "b"], DeadlineSeconds = 600, OnLostNode = onLost }, Cancellation);
        Assert.Equal((DrainBudget.Nodes(1), onLost), (started.Value!.MaxConcurrent, started.Value.OnLostNode));
        await World.UntilAsync("a drains", () => StepIsAsync("roll", "a", DrainStep.Draining));

        nodes[0].IsDead = true;
        var died = World.Now;
        await World.UntilAsync("it is lost", () => StepIsAsync("roll", "a", DrainStep.Lost));
        if (onLost == OnLostNode.Wait)
        {
            await World.RunAsync(Timings.ReturnTime - (5 * Timings.ReportInterval));
            Assert.Contains("a (silent)", (await World.DrainAsync("roll")).Holdup, StringComparison.Ordinal);
        }
        await World.UntilAsync("b is drained", () => StepIsAsync("roll", "b", DrainStep.Drained));

        var time = World.Now - died;
        Assert.Equal(onLost == OnLostNode.Wait, time >= Timings.NodeTimeout + Timings.ReturnTime);
        Assert.True(time >= Timings.NodeTimeout);
        var drain = await World.DrainAsync("roll");
        Assert.Equal((DrainState.Completed, 1), (drain.State, drain.Lost));
    }

    [Fact]
    public async Task Drains_OfSeveralOperations_ShareTheBudget()
    {
        SimulatedNode[] nodes = [World.Add("a"), World.Add("b"), World.Add("c")];
        await World.UntilAsync(
            "all serve", async () => (await Fleet.ListNodesAsync(10, null, Cancellation)).Items.Count == 3);
        await StartAsync("d1", nodes: "a");
        await World.UntilAsync("a is drained", () => HasEndedAsync("d1"));

        await StartAsync("d2", nodes: "b");
        await World.RunAsync(10 * Timings.ReportInterval);

        Assert.Equal(NodeState.Serving, nodes[1].State);
        Assert.Contains("a", (await World.DrainAsync("d2")).Holdup, StringComparison.Ordinal);
        await Fleet.UndrainAsync("a", Cancellation);
        await World.UntilAsync("b is drained", () => HasEndedAsync("d2"));
        Assert.Equal(1, nodes.Count(node => node.State != NodeState.Serving));
    }

    [Fact]
    public async Task Drain_ThatIsCancelled_MakesItsNodesServe()
    {
        SimulatedNode[] nodes = [World.Add("a"), World.Add("b"), World.Add("c")];
        await World.UntilAsync(
            "all serve", async () => (await Fleet.ListNodesAsync(10, null, Cancellation)).Items.Count == 3);
        nodes[1].Tunnels = 1;
        await StartAsync("roll", DrainBudget.Nodes(2), deadlineSeconds: 600, nodes: ["a", "b", "c"]);
        await World.UntilAsync("a is drained", () => StepIsAsync("roll", "a", DrainStep.Drained));
        await World.UntilAsync("b drains", () => StepIsAsync("roll", "b", DrainStep.Draining));

        var cancelled = await Fleet.CancelDrainAsync("roll", Cancellation);

        Assert.Equal((FleetStatus.Ok, DrainState.Cancelled), (cancelled.Status, cancelled.Value!.State));
        Assert.Equal(
            [DrainStep.Returned, DrainStep.Undrained, DrainStep.Undrained],
            cancelled.Value.Nodes.Select(node => node.Step));
        await World.UntilAsync("all serve", () => nodes.All(node => node.State == NodeState.Serving));
        Assert.Equal(FleetStatus.Ok, (await Fleet.CancelDrainAsync("roll", Cancellation)).Status);
        Assert.Equal(FleetStatus.NotFound, (await Fleet.CancelDrainAsync("none", Cancellation)).Status);
    }

    [Fact]
    public async Task CancelDrain_OfOneThatHasEnded_IsAConflict()
    {
        await World.JoinAsync("a");
        await StartAsync("d1", nodes: "a");
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));

        Assert.Equal(FleetStatus.Conflict, (await Fleet.CancelDrainAsync("d1", Cancellation)).Status);
    }

    [Fact]
    public async Task StartDrain_WithTheSameIdAgain_IsTheSameDrain()
    {
        await World.JoinAsync("a");
        var first = await StartAsync("d1", nodes: "a");

        var again = await StartAsync("d1", nodes: "a");

        Assert.Equal((FleetStatus.Ok, first.Value!.CreatedAt), (again.Status, again.Value!.CreatedAt));
        Assert.Single((await Fleet.ListDrainsAsync(10, null, Cancellation)).Items);
    }

    [Fact]
    public async Task StartDrain_WithTheIdOfAnotherRequest_IsRefused()
    {
        await World.JoinAsync("a");
        var request = new DrainRequest { Id = "d1", Nodes = ["a"], Fingerprint = "one" };
        var first = await Fleet.StartDrainAsync(request, Cancellation);

        var other = await Fleet.StartDrainAsync(request with { Fingerprint = "other" }, Cancellation);
        var again = await Fleet.StartDrainAsync(request, Cancellation);

        Assert.Equal((FleetStatus.Reused, null), (other.Status, other.Value));
        Assert.Equal((FleetStatus.Ok, first.Value!.CreatedAt), (again.Status, again.Value!.CreatedAt));
    }

    [Fact]
    public async Task Overview_OfDrains_TellsWhichAreHeldUp_AndForHowLongNothingHasMoved()
    {
        var first = await World.JoinAsync("a");
        await World.JoinAsync("b");
        first.Tunnels = 1;
        Assert.Equal((0, 0, 0, 0), await OverviewAsync());
        await StartAsync("d1", deadlineSeconds: 600, nodes: ["a", "b"]);
        await World.UntilAsync("the first drains", () => StepIsAsync("d1", "a", DrainStep.Draining));
        var before = await OverviewAsync();
        Assert.Equal((1, 1, 0), (before.Running, before.HeldUp, before.ToReturn));
        await World.RunAsync(TimeSpan.FromSeconds(40));
        Assert.InRange((await OverviewAsync()).Still - before.Still, 38, 42);

        first.FinishTunnels(1);
        await World.UntilAsync("it is drained", () => StepIsAsync("d1", "a", DrainStep.Drained));
        Assert.InRange((await OverviewAsync()).Still, 0, 5);
        Assert.True((await Fleet.UndrainAsync("a", Cancellation)).IsOk);
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));
        Assert.Equal((0, 0, 1, 0), await OverviewAsync());

        async Task<(int Running, int HeldUp, int ToReturn, int Still)> OverviewAsync()
        {
            var overview = await Fleet.GetOverviewAsync(Cancellation);
            return (overview.DrainsRunning, overview.DrainsHeldUp, overview.DrainsToReturn, overview.DrainStillSeconds);
        }
    }

    [Fact]
    public async Task StartDrain_ThatMakesNoSense_IsRefused()
    {
        await World.JoinAsync("a");
        await World.JoinAsync("b");
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");

        Assert.Equal(FleetStatus.NotFound, (await StartAsync("d2", nodes: "nobody")).Status);
        Assert.Equal(FleetStatus.Conflict, (await StartAsync("d2", nodes: "a")).Status);
        Assert.Equal("deadlineSeconds", (await StartAsync("d2", deadlineSeconds: -1, nodes: "b")).Field);
        Assert.Equal("id", (await StartAsync("no id", nodes: "b")).Field);
        Assert.Equal("selector", (await StartAsync("d2", selector: new NodeSelector { Version = "9" })).Field);
        Assert.Equal("nodes", (await StartAsync("d2", nodes: [])).Field);
        var chosen = await StartAsync("d2", selector: new NodeSelector { NamePrefix = "a" });
        Assert.Equal(FleetStatus.Conflict, chosen.Status);
        Assert.EndsWith("a in d1", chosen.Detail, StringComparison.Ordinal);
        Assert.Null(await Fleet.GetDrainAsync("d2", Cancellation));
    }

    [Fact]
    public async Task StartDrain_TwiceAtOnceOfANodeThatReturns_TakesOneWhichUndrainEnds()
    {
        var node = await World.JoinAsync("a");
        await StartAsync("d1", nodes: "a");
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));
        Assert.Equal(FleetStatus.Ok, (await Fleet.UndrainAsync("a", Cancellation)).Status);

        // It has not reported since: what it returns from is not over.
        var started = await Task.WhenAll(StartAsync("d2", nodes: "a"), StartAsync("d3", nodes: "a"));

        Assert.Equal([FleetStatus.Ok, FleetStatus.Conflict], started.Select(drain => drain.Status).Order());
        Assert.Equal(FleetStatus.Ok, (await Fleet.UndrainAsync("a", Cancellation)).Status);
        await World.UntilAsync("it serves", () => node.State == NodeState.Serving);
        for (var second = 0; second < 10; second++)
        {
            await World.StepAsync();
            Assert.Equal(NodeState.Serving, node.State);
        }
    }

    [Fact]
    public async Task Drain_BySelector_HasTheNodesThatFit()
    {
        World.Add("eu-1").Version = "1";
        World.Add("eu-2").Version = "2";
        World.Add("us-1").Version = "1";
        await World.UntilAsync(
            "all are known", async () => (await Fleet.ListNodesAsync(10, null, Cancellation)).Items.Count == 3);

        var started = await StartAsync("d1", selector: new NodeSelector { Version = "1", NamePrefix = "eu-" });

        Assert.Equal(["eu-1"], started.Value!.Nodes.Select(node => node.Node));
    }

    [Fact]
    public async Task Drains_MoreThanAPage_AreListedNewestFirst()
    {
        foreach (var i in Enumerable.Range(1, 5))
        {
            await World.JoinAsync($"n{i}");
            await StartAsync($"d{i}", deadlineSeconds: 600, nodes: $"n{i}");
            await World.StepAsync();
        }

        var first = await Fleet.ListDrainsAsync(3, null, Cancellation);
        var second = await Fleet.ListDrainsAsync(3, first.Next, Cancellation);

        Assert.Equal(["d5", "d4", "d3"], first.Items.Select(drain => drain.Id));
        Assert.Equal(["d2", "d1"], second.Items.Select(drain => drain.Id));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Drain_WhileCoordinatorsAreReplaced_GoesOnOrIsForgotten()
    {
        var node = await World.JoinAsync("a");
        node.Tunnels = 2;
        await StartAsync("d1", deadlineSeconds: 600, nodes: "a");
        await World.UntilAsync("it drains", () => StepIsAsync("d1", "a", DrainStep.Draining));

        await World.RestartAsync();
        await World.RunAsync(5 * Timings.ReportInterval);

        if (!World.KeepsState)
        {
            Assert.Equal(NodeState.Serving, node.State);
            Assert.Null(await Fleet.GetDrainAsync("d1", Cancellation));
            return;
        }
        Assert.Equal(NodeState.Draining, node.State);
        node.FinishTunnels(2);
        await World.UntilAsync("it has ended", () => HasEndedAsync("d1"));
        Assert.Equal(2, (await World.DrainAsync("d1")).Finished);
    }

    private async Task<bool> HasEndedAsync(string drain) => (await World.DrainAsync(drain)).State != DrainState.Running;

    private async Task<bool> StepIsAsync(string drain, string node, DrainStep step) =>
        (await World.DrainAsync(drain)).Nodes.Single(entry => entry.Node == node).Step == step;

    private Task<FleetResult<DrainInfo>> StartAsync(
        string id, int deadlineSeconds = 30, DrainMode mode = default, params string[] nodes) =>
        StartAsync(id, DrainBudget.Nodes(1), deadlineSeconds, mode, nodes);

    private async Task<FleetResult<DrainInfo>> StartAsync(
        string id, DrainBudget budget, int deadlineSeconds = 30, DrainMode mode = default, params string[] nodes) =>
        await Fleet.StartDrainAsync(
            new DrainRequest
            {
                Id = id,
                Nodes = nodes,
                DeadlineSeconds = deadlineSeconds,
                Mode = mode,
                MaxConcurrent = budget
            },
            Cancellation);

    private async Task<FleetResult<DrainInfo>> StartAsync(string id, NodeSelector selector) =>
        await Fleet.StartDrainAsync(
            new DrainRequest { Id = id, Selector = selector, DeadlineSeconds = 30 }, Cancellation);
}
