using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Ctl.Tests;

/// <summary>Draining, watching, and how it ends.</summary>
public abstract class DrainTests(FleetStart fleet)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task DrainWatch_WhenEveryTunnelFinishes_EndsWithZero()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        world.Add("edge-2");
        await world.StepAsync();
        var watching = Relayctl.RunAsync(world, "drain", "edge-1", "--watch", "--deadline", "1m", "--reason", "kernel");
        await ReachAsync(world, NodeState.Draining, node);
        node.FinishTunnels(9);
        await world.StepAsync();
        var run = await watching.WaitAsync(Patience);
        Assert.Equal(0, run.Status);
        Assert.Contains(
            "completed: 1 of 1 node drained, 0 left, 9 finished, 0 force-closed", run.Output, StringComparison.Ordinal);
        var drain = Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
        Assert.Equal((60, "kernel"), (drain.DeadlineSeconds, drain.Reason));
    }

    [Theory]
    [InlineData("edge-1")]
    [InlineData("edge-1", "--watch")]
    [InlineData("edge-1", "edge-2", "--watch")]
    public async Task Drain_OfWhatIsDrainedAlready_SaysSo_AndEndsWithZero(params string[] arguments)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var (one, other) = (world.Add("edge-1"), world.Add("edge-2"));
        await world.StepAsync();
        Assert.Equal(0, (await Relayctl.RunAsync(world, "drain", "edge-1", "edge-2", "--max-concurrent", "2", "--immediate")).Status);
        await ReachAsync(world, NodeState.Drained, one);
        await ReachAsync(world, NodeState.Drained, other);
        await world.StepAsync();
        var run = await Relayctl.RunAsync(world, ["drain", .. arguments]).WaitAsync(Patience);
        Assert.Equal(0, run.Status);
        Assert.Matches("^drained already, by drain [^ ]+: nothing is changed$", run.Output.Trim());
        Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task DrainWatch_WhenTheDeadlineEndsTunnels_EndsWithFour()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        await world.StepAsync();
        var watching = Relayctl.RunAsync(world, "--json", "drain", "edge-1", "--watch", "--immediate");
        await ReachAsync(world, NodeState.Draining, node);
        node.FinishTunnels(5);
        node.ForceClose(4);
        await world.StepAsync();
        var run = await watching.WaitAsync(Patience);
        Assert.Equal(4, run.Status);
        // With --json the output is one document, whatever happened on the way.
        Assert.Equal(4, (int)run.Json["forceClosed"]!);
        Assert.Equal("immediate", (string)run.Json["mode"]!);
    }

    [Fact]
    public async Task DrainWatch_WhenANodeIsLost_EndsWithFour()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        await world.StepAsync();
        var watching = Relayctl.RunAsync(world, "drain", "edge-1", "--watch");
        await ReachAsync(world, NodeState.Draining, node);
        // Another process reports under the name, and has it when nothing was heard of the first for three reports: that
        // is gone with its tunnels.
        var next = new SimulatedNode("edge-1", world.Fleet);
        var deadline = DateTime.UtcNow + Patience;
        while (!await TakesNameAsync(next))
        {
            Assert.True(DateTime.UtcNow < deadline, "the name is still the first's");
            await world.TickAsync();
        }
        await world.TickAsync();
        var run = await watching.WaitAsync(Patience);
        Assert.Equal(4, run.Status);
        Assert.Contains("9 lost", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrainWatch_WhenCancelledMeanwhile_EndsWithOne()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        await world.StepAsync();
        var watching = Relayctl.RunAsync(world, "drain", "edge-1", "--watch");
        await ReachAsync(world, NodeState.Draining, node);
        var drain = Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
        Assert.Contains("cancelled", (await Relayctl.RunAsync(world, "drains", "cancel", drain.Id))
            .Done().Output, StringComparison.Ordinal);
        Assert.Equal(1, (await watching.WaitAsync(Patience)).Status);
    }

    [Fact]
    public async Task DrainJoin_OfANodeThatDrainsWithOthers_EndsWhenThatNodeIsDrained()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        world.Add("edge-2");
        await world.StepAsync();
        await world.Fleet.StartDrainAsync(
            new DrainRequest { Id = "roll", Nodes = ["edge-1", "edge-2"], DeadlineSeconds = 3600 }, default);
        await ReachAsync(world, NodeState.Draining, node);
        await world.StepAsync();
        Assert.Contains("drain roll of 2 nodes has the node already", (await Relayctl.RunAsync(world, "drain", "edge-1", "--join"))
            .Done().Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "drain", "edge-1")).Status);
        await using var output = new WatchedWriter();
        var watching = Relayctl.RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri }, output, default,
            "drain", "edge-1", "--join", "--watch");
        await output.WaitForAsync("0 waiting, 1 draining, 0 drained; 9 left", Patience);
        node.FinishTunnels(9);
        await world.StepAsync();
        var run = (await watching.WaitAsync(Patience)).Done();
        Assert.Contains(
            "completed: 1 of 1 node drained, 0 left, 9 finished, 0 force-closed", run.Output, StringComparison.Ordinal);
        // The other waits until this one serves again.
        Assert.Equal(DrainState.Running, (await world.Fleet.GetDrainAsync("roll", default))!.State);
    }

    [Fact]
    public async Task DrainJoin_OfADrainThatTakesLonger_EndsWithOneAfterItsOwnDeadline()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        await world.StepAsync();
        await world.Fleet.StartDrainAsync(
            new DrainRequest { Id = "d1", Nodes = ["edge-1"], DeadlineSeconds = 3600 }, default);
        await ReachAsync(world, NodeState.Draining, node);
        var run = await Relayctl.RunAsync(world, "drain", "edge-1", "--join", "--watch", "--deadline", "1s").WaitAsync(Patience);
        Assert.Equal(1, run.Status);
        Assert.Contains("edge-1 is not drained after 1s", run.Error, StringComparison.Ordinal);
        Assert.Contains("the drain goes on", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrainWatch_Interrupted_SaysThatTheDrainGoesOn()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        await world.StepAsync();
        using var interrupt = new CancellationTokenSource();
        await using var output = new WatchedWriter();
        var watching = Relayctl.RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri }, output, interrupt.Token,
            "drain", "edge-1", "--watch");
        await ReachAsync(world, NodeState.Draining, node);
        await output.WaitForAsync("1 draining", Patience);
        await interrupt.CancelAsync();
        var run = await watching.WaitAsync(Patience);
        Assert.Equal(130, run.Status);
        Assert.Contains("the drain goes on", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            DrainState.Running, Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items).State);
    }

    [Theory]
    [InlineData(new[] { "--all" }, 3)]
    [InlineData(new[] { "--selector", "version=0.9.1" }, 2)]
    [InlineData(new[] { "-l", "name=edge-1,version=0.9.1" }, 1)]
    [InlineData(new[] { "edge-1", "edge-3" }, 2)]
    public async Task Drain_OfSeveral_IsARollingDrain(string[] arguments, int expected)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        foreach (var (name, version) in ((string, string)[])[("edge-1", "0.9.1"), ("edge-2", "0.9.1"),
            ("edge-3", "0.9.2")])
            world.Add(new SimulatedNode(name, world.Fleet) { Version = version });
        await world.StepAsync();
        var run = (await Relayctl.RunAsync(world, ["drain", .. arguments, "--max-concurrent", "50%", "--json"])).Done();
        Assert.Equal(expected, run.Json["nodes"]!.AsArray().Count);
        Assert.Equal("50%", (string)run.Json["maxConcurrent"]!);
    }

    [Theory]
    [InlineData("continue")]
    [InlineData("wait", "--drain-lost", "wait")]
    public async Task Drain_OfOneOrSeveral_SaysWhatALostNodeDoesToTheNext(string expected, params string[] arguments)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        foreach (var name in (string[])["edge-1", "edge-2", "edge-3"])
            world.Add(name);
        await world.StepAsync();
        foreach (var nodes in (string[][])[["edge-1"], ["edge-2", "edge-3"]])
        {
            var run = (await Relayctl.RunAsync(world, ["drain", .. nodes, .. arguments, "--json"])).Done();
            Assert.Equal(expected, (string)run.Json["onLostNode"]!);
            var shown = (await Relayctl.RunAsync(world, "drains", "show", (string)run.Json["id"]!)).Done().Output;
            Assert.Equal(expected == "wait", shown.Contains("waits for nodes that are lost", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Undrain_ADrainedNode_ServesAgain()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1");
        await world.StepAsync();
        (await Relayctl.RunAsync(world, "drain", "edge-1")).Done();
        await ReachAsync(world, NodeState.Drained, node);
        Assert.Contains("edge-1 is asked to serve again", (await Relayctl.RunAsync(world, "undrain", "edge-1"))
            .Done().Output, StringComparison.Ordinal);
        await ReachAsync(world, NodeState.Serving, node);
        Assert.Contains("edge-1 was in no drain", (await Relayctl.RunAsync(world, "undrain", "edge-1"))
            .Done().Output, StringComparison.Ordinal);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "undrain", "edge-9")).Status);
    }

    [Fact]
    public async Task Drains_AreListedAndShown()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1", tcp: 5);
        await world.StepAsync();
        await world.Fleet.StartDrainAsync(
            new DrainRequest { Id = "d1", Nodes = ["edge-1"], Reason = "kernel" }, default);
        await world.StepAsync(2);
        Assert.Matches(@"d1 +running +0/1 +5 ", (await Relayctl.RunAsync(world, "drains")).Done().Output);
        Assert.Matches(@"edge-1 +draining, 5 left, 0 finished", (await Relayctl.RunAsync(world, "drains", "show", "d1"))
            .Done().Output);
        Assert.Equal(1, (await Relayctl.RunAsync(world, "drains", "show", "d2")).Status);
    }

    [Theory]
    [InlineData]
    [InlineData("--all", "edge-1")]
    [InlineData("--selector", "colour=red")]
    [InlineData("edge-1", "--max-concurrent", "0")]
    [InlineData("edge-1", "--deadline", "tomorrow")]
    [InlineData("edge-1", "--drain-lost", "never")]
    [InlineData("edge-1", "edge-2", "--join")]
    [InlineData("--all", "--join")]
    [InlineData("edge-1", "--join", "--max-concurrent", "1")]
    public async Task Drain_WithAWrongCommandLine_EndsWithTwoAndDoesNothing(params string[] arguments)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        await world.StepAsync();
        var run = await Relayctl.RunAsync(world, ["drain", .. arguments]);
        Assert.Equal(2, run.Status);
        Assert.NotEqual("", run.Error);
        Assert.Empty((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
    }

    // The command's request comes when it comes; the node's reports let it take effect.
    private static async Task<bool> TakesNameAsync(SimulatedNode node)
    {
        try
        {
            await node.ReportAsync();
            return true;
        }
        catch (NodeNameTakenException)
        {
            return false;
        }
    }

    private static async Task ReachAsync(FleetWorld world, NodeState state, SimulatedNode node)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (node.State != state)
        {
            Assert.True(DateTime.UtcNow < deadline, $"{node.Name} is {node.State}, not {state}");
            await world.StepAsync();
            await Task.Yield();
        }
    }
}
