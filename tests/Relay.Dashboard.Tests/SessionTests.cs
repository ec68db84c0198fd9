using Microsoft.Playwright;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>Finding sessions and ending them.</summary>
public abstract class SessionTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task Session_FoundByIdentity_IsEnded()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", udp: 6);
        node.Open(SampleFleet.Session("alice-1", "credential:alice", "192.0.2.1"));
        node.Open(SampleFleet.Session("bob-1", "credential:bob", "192.0.2.2"));
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/sessions");
        await page.SeesAsync("2 sessions");

        await page.Page.GetByLabel("Identity").FillAsync("credential:alice");
        await page.Page.GetByLabel("Identity").PressAsync("Enter");
        await page.SeesAsync("1 session");
        await Assertions.Expect(page.Page.Locator("main tbody")).Not.ToContainTextAsync("credential:bob");

        await page.Button("Disconnect credential:alice from edge-1").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "credential:alice");
        await DashboardPage.SeesAsync(page.Dialog, "3 open tunnels");
        await Assertions.Expect(page.DialogButton("Cancel")).ToBeFocusedAsync();
        await page.DialogButton("Disconnect").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("#toasts"), "The session will be disconnected.");
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "Disconnecting");

        await world.StepAsync(2);
        Assert.Equal("bob-1", Assert.Single(node.Sessions));
        await page.Button("Search").ClickAsync();
        await page.SeesAsync("No session fits");
    }

    [Fact]
    public async Task Session_FoundByEgressAddressAndPort_AsksTheNodes()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", udp: 1);
        node.Open(SampleFleet.Session("one", "credential:alice", "2001:db8::7"));
        node.Open(SampleFleet.Session("two", "credential:bob", "2001:db8::7"));
        node.OpenFlow("two", "2001:db8::7", 51820);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/sessions");
        await page.SeesAsync("2 sessions");
        await page.Page.GetByLabel("Egress address").FillAsync("[2001:db8::7]:51820");
        var searching = page.Button("Search").ClickAsync();
        // The question goes out with one report's answer, and is answered with the next.
        while (!await page.Page.Locator("main tbody")
            .Filter(new LocatorFilterOptions { HasNotText = "credential:alice" })
            .IsVisibleAsync())
            await world.StepAsync();
        await searching;
        await page.SeesAsync("credential:bob");
    }

    [Fact]
    public async Task Search_WithSomethingThatIsNoAddress_SaysSoAtTheField()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/sessions");
        page.Expected.Add("400 (Bad Request)");
        await page.Page.GetByLabel("Egress address").FillAsync("somewhere");
        await page.Button("Search").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("#field-egress-error"), "not ADDR, ADDR:PORT or [ADDR]:PORT");
        await Assertions.Expect(page.Page.GetByLabel("Egress address")).ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    public async Task Sessions_MoreThanAPage_AreShownInParts()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1");
        for (var i = 0; i < 130; i++)
            node.Open(SampleFleet.Session($"s{i}", "anonymous", "192.0.2.1"));
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/sessions");
        await page.SeesAsync("100 sessions shown, and there are more");
        await page.Button("Show more").ClickAsync();
        await page.SeesAsync("130 sessions");
        await DashboardPage.IsGoneAsync(page.Button("Show more"));
    }
}
