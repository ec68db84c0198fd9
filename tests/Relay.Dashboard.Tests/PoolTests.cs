using Microsoft.Playwright;
using Relay.Fleet.Contract;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Dashboard.Tests;

/// <summary>Pools and limits from the page.</summary>
public abstract class PoolTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task Pool_Defined_LeasedAndTakenBack()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add(new SimulatedNode("edge-1", world.Fleet) { Pools = ["v6-main"] });
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/prefixes");
        await page.SeesAsync("No pool is defined");

        await page.Button("Define a pool…").ClickAsync();
        await page.Dialog.GetByLabel("Name").FillAsync("v6-main");
        await page.Dialog.GetByLabel("Prefix").FillAsync("2001:db8:40::/60");
        await page.Dialog.GetByLabel("Block length").FillAsync("64");
        await DashboardPage.SeesAsync(page.Dialog, "16 blocks of /64");
        await page.DialogButton("Define").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        await page.SeesAsync("free 16");

        await world.StepAsync(2);
        await page.SeesAsync("held 1");
        await page.GoAsync("#/prefixes/v6-main");
        var lease = Assert.Single(node.Leases);
        await page.SeesAsync(lease.Prefix.ToString());
        await page.Button($"Revoke {lease.Prefix} of edge-1").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "The node is told to stop using it.");
        await page.DialogButton("Revoke").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "Releasing");
        await world.StepAsync(2);
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "Quarantined");
    }

    [Fact]
    public async Task Pool_WithWrongFields_NamesThem()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/prefixes");
        page.Expected.Add("400 (Bad Request)");
        await page.Button("Define a pool…").ClickAsync();
        await page.DialogButton("Define").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("#field-name-error"), "A name is wanted.");
        await page.Dialog.GetByLabel("Name").FillAsync("v6");
        await page.Dialog.GetByLabel("Prefix").FillAsync("2001:db8::1/64");
        await page.Dialog.GetByLabel("Block length").FillAsync("/72");
        await page.DialogButton("Define").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#field-prefix-error")).ToBeVisibleAsync();
        await Assertions.Expect(page.Dialog.GetByLabel("Prefix")).ToBeFocusedAsync();
        // What was typed is still there.
        await Assertions.Expect(page.Dialog.GetByLabel("Block length")).ToHaveValueAsync("/72");
    }

    [Fact]
    public async Task Pool_ChangedBySomebodyElseMeanwhile_IsNotOverwritten()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await world.Fleet.PutPoolAsync(Pool("v4", "198.51.100.0/24", 28), "", default);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/prefixes/v4");
        page.Expected.Add("412 (Precondition Failed)");
        await page.Button("Change…").ClickAsync();
        await Assertions.Expect(page.Dialog.GetByLabel("Prefix")).ToHaveValueAsync("198.51.100.0/24");
        await world.Fleet.PutPoolAsync(Pool("v4", "198.51.100.0/24", 27), null, default);
        await page.Dialog.GetByLabel("Block length").FillAsync("29");
        await page.DialogButton("Change").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog.GetByRole(AriaRole.Alert), "changed");
        Assert.Equal(27, (await world.Fleet.GetPoolAsync("v4", default))!.Pool.BlockLength);
    }

    [Fact]
    public async Task Pool_WithLiveLeases_IsNotDeletedAndSaysWhy()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await world.Fleet.PutPoolAsync(Pool("v4", "198.51.100.0/24", 28), "", default);
        world.Add(new SimulatedNode("edge-1", world.Fleet) { Pools = ["v4"] });
        await world.StepAsync(2);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/prefixes/v4");
        page.Expected.Add("409 (Conflict)");
        await page.Button("Delete…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "1 block of it is held");
        await page.DialogButton("Delete").ClickAsync();
        await Assertions.Expect(page.Dialog.GetByRole(AriaRole.Alert)).Not.ToBeEmptyAsync();
        Assert.NotNull(await world.Fleet.GetPoolAsync("v4", default));
    }

    [Fact]
    public async Task Limit_SetChangedAndRemoved()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/limits");
        await page.Button("Set a limit…").ClickAsync();
        await page.Dialog.GetByLabel("Identity").FillAsync("credential:a/b %");
        await page.Dialog.GetByLabel("Bytes a second").FillAsync("5000000");
        await DashboardPage.SeesAsync(page.Dialog, "That is 40 Mbit/s (5 MB/s).");
        await page.DialogButton("Set").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "credential:a/b %");
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "no limit");

        await page.Button("Change the limit of credential:a/b %").ClickAsync();
        await page.Dialog.GetByLabel("Sessions at a time").FillAsync("3");
        await page.DialogButton("Change").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        var rule = Assert.Single(await world.Fleet.ListLimitsAsync(default));
        Assert.Equal(new IdentityLimit { Sessions = 3, BytesPerSecond = 5_000_000 }, rule.Limit);

        await page.Button("Remove the limit of credential:a/b %").ClickAsync();
        await page.DialogButton("Remove").ClickAsync();
        await page.SeesAsync("No limit is set");
    }

    private static PrefixPool Pool(string name, string prefix, int blockLength) =>
        new() { Name = name, Prefix = Prefix.Parse(prefix), BlockLength = blockLength };
}
