using Microsoft.Playwright;
using Relay.Fleet.Contract;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Dashboard.Tests;

/// <summary>Draining from the page.</summary>
public abstract class DrainTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task DrainNode_FromItsPage_ShowsProgressAndOutcome()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 30, udp: 12);
        world.Add("edge-2", tcp: 5);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");

        await page.Button("Drain…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "42 open tunnels");
        await DashboardPage.SeesAsync(page.Dialog, "1 other node serves");
        await DashboardPage.SeesAsync(page.Dialog, "GOAWAY");
        await page.Dialog.GetByLabel("Deadline").FillAsync("2m");
        await DashboardPage.SeesAsync(page.Dialog, "After 2 min what is left is force-closed");
        await page.Dialog.GetByLabel("Reason").FillAsync("kernel update");
        await page.DialogButton("Drain").ClickAsync();
        await page.SeesAsync("0 of 1 node drained, 42 tunnels left");
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("#/drains/"));
        await page.SeesAsync("kernel update");

        await world.StepAsync(2);
        Assert.Equal(NodeState.Draining, node.State);
        node.FinishTunnels(30);
        await world.StepAsync();
        await page.SeesAsync("12 tunnels left");
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "Draining");

        node.ForceClose(12);
        await world.StepAsync();
        await page.SeesAsync("Completed: 1 of 1 node drained. 30 tunnels finished, 12 force-closed.");
        // What is seen is said as well, to who cannot see it.
        await DashboardPage.SeesAsync(page.Page.Locator("#live"), "30 tunnels finished, 12 force-closed");

        var drain = Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
        Assert.Equal((120, DrainMode.Gradual, "kernel update"), (drain.DeadlineSeconds, drain.Mode, drain.Reason));
    }

    [Fact]
    public async Task DrainNode_TheLastThatServes_SaysSo()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1", tcp: 3);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await page.Button("Drain…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "No other node serves.");
        await page.DialogButton("Cancel").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        Assert.Empty((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task DrainNode_WithADeadlineThatIsNone_SaysWhatIsWantedAndDoesNothing()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await page.Button("Drain…").ClickAsync();
        await page.Dialog.GetByLabel("Deadline").FillAsync("soon");
        await page.DialogButton("Drain").ClickAsync();
        await DashboardPage.SeesAsync(
            page.Dialog.GetByRole(AriaRole.Alert), "The deadline is not a time of at most a day.");
        await Assertions.Expect(page.Dialog.GetByLabel("Deadline")).ToBeFocusedAsync();
        Assert.Empty((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task Undrain_ADrainedNode_ServesAgain()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await world.Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["edge-1"] }, default);
        await world.StepAsync(3);
        Assert.Equal(NodeState.Drained, node.State);

        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Drained");
        await page.Button("Undrain…").ClickAsync();
        await page.DialogButton("Undrain").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        await world.StepAsync(2);
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Serving");
        Assert.Equal(NodeState.Serving, node.State);
    }

    [Fact]
    public async Task RollingDrain_ByVersionWithABudget_GoesNodeByNode()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        foreach (var name in (string[])["edge-1", "edge-2", "edge-3"])
            world.Add(new SimulatedNode(name, world.Fleet) { Version = "0.9.1", TcpTunnels = 7 });
        world.Add("edge-4", tcp: 1);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/drains");
        await page.SeesAsync("Nothing has been drained");

        await page.Button("Start a rolling drain…").ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Radio, new LocatorGetByRoleOptions { Name = "By version" }).CheckAsync();
        await page.Dialog.GetByRole(AriaRole.Combobox).SelectOptionAsync("0.9.1");
        await page.Dialog.GetByLabel("Out of service at a time").FillAsync("50%");
        await page.Dialog.GetByRole(AriaRole.Radio, new LocatorGetByRoleOptions { Name = "Wait" }).CheckAsync();
        await DashboardPage.SeesAsync(
            page.Dialog, "3 nodes with 21 open tunnels will be drained, at most 50% at a time");
        await page.DialogButton("Start").ClickAsync();
        await page.SeesAsync("0 of 3 nodes drained");

        await world.StepAsync(2);
        await page.SeesAsync("waits for its turn");
        Assert.Equal(2, world.Nodes.Count(static node => node.State == NodeState.Draining));
        foreach (var node in world.Nodes.Where(static node => node.State == NodeState.Draining))
            node.FinishTunnels(7);
        await world.StepAsync();
        await page.SeesAsync("2 of 3 nodes drained");

        // Two are out of service, and the third waits for one of them to come back.
        var drain = Assert.Single((await world.Fleet.ListDrainsAsync(10, null, default)).Items);
        Assert.NotNull(drain.Holdup);
        Assert.Equal(OnLostNode.Wait, drain.OnLostNode);
        await page.SeesAsync(drain.Holdup);
    }

    [Theory]
    [InlineData(900)]
    [InlineData(480)]
    public async Task RollingDrain_OfNodesChosenAmongMany_ShowsRowsOfThemToTick(int height)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        for (var i = 1; i <= 200; i++)
            world.Add($"edge-{i:000}", tcp: 1);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/drains");
        await page.Page.SetViewportSizeAsync(1440, height);

        await page.Button("Start a rolling drain…").ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Radio, new LocatorGetByRoleOptions { Name = "Chosen" }).CheckAsync();
        var list = page.Dialog.GetByRole(AriaRole.Group, new LocatorGetByRoleOptions { Name = "Nodes", Exact = true });

        // A row is about 20 px high: it takes several of them to find a node in two hundred.
        var box = await list.BoundingBoxAsync();
        Assert.True(box!.Height >= 160, $"the list of nodes is {box.Height} px high");
        await list.GetByRole(AriaRole.Checkbox, new LocatorGetByRoleOptions { Name = "edge-200" }).CheckAsync();
        await DashboardPage.SeesAsync(page.Dialog, "1 node with 1 open tunnel will be drained");
        await page.DialogButton("Start").ClickAsync();
        await page.SeesAsync("0 of 1 node drained");
    }

    [Fact]
    public async Task CancelDrain_FromItsPage_AsksFirstAndLetsNodesServe()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 9);
        world.Add("edge-2", tcp: 9);
        await world.StepAsync();
        await world.Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["edge-1", "edge-2"] }, default);
        await world.StepAsync(2);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/drains/d1");

        await page.Button("Cancel the drain…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "9 tunnels");
        // The harmless answer has the focus.
        await Assertions.Expect(page.DialogButton("Keep draining")).ToBeFocusedAsync();
        await page.DialogButton("Cancel the drain").ClickAsync();
        await page.SeesAsync("Cancelled:");
        await world.StepAsync(2);
        Assert.Equal(NodeState.Serving, node.State);
    }
}
