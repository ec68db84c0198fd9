using Microsoft.Playwright;
using Relay.Fleet.Contract;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>What is live, and losses of the connection.</summary>
public abstract class LiveTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task Rates_AreDrawnAsTheyCome()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 11);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        await page.LiveAsync();
        await page.SeesAsync("TCP 11");
        node.TcpTunnels = 1234;
        world.Clock.Move(TimeSpan.FromSeconds(1));
        node.Carry(50_000_000, 1_000_000);
        await world.StepAsync();
        await page.SeesAsync("TCP 1,234");
        // The drawing says in words what it shows.
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "Open tunnels" }))
            .ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("TCP now 1.23.k, lowest 11"));
    }

    [Fact]
    public async Task Node_OpenedLater_ShowsHowItWentBefore()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 11);
        // A minute of each; a step takes no longer than a node may be silent for.
        for (var i = 0; i < 12; i++)
        {
            node.TcpTunnels = i < 6 ? 11 : 1234;
            await world.StepAsync();
            world.Clock.Move(TimeSpan.FromSeconds(10));
        }
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await page.SeesAsync("TCP 1,234");
        var chart = page.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "Open tunnels" });
        await Assertions.Expect(chart).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("TCP now 1.23.k, lowest 11"));
        await page.Button("2 hours").ClickAsync();
        await Assertions.Expect(chart).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("TCP now 1.23.k, lowest 11"));
    }

    [Fact]
    public async Task Node_ThatIsQuarantined_IsShownAsThat()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        await page.LiveAsync();
        await page.SeesAsync("edge-2");

        Assert.True((await world.Fleet.QuarantineNodeAsync("edge-1", null, default)).IsOk);

        await page.SeesAsync("Quarantined");
        await using var node = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await node.SeesAsync("its reports are refused");
    }

    [Fact]
    public async Task Coordinator_GoneAndBack_IsToldAndRepaired()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 4);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        page.Expected.Add("ERR_CONNECTION_REFUSED");
        page.Expected.Add("ERR_INCOMPLETE_CHUNKED_ENCODING");
        page.Expected.Add("ERR_CONNECTION_RESET");
        await page.LiveAsync();
        await page.SeesAsync("4 tunnels");
        await world.RestartHostAsync(async () =>
        {
            await DashboardPage.SeesAsync(page.Page.Locator(".connection"), "Not live");
            await DashboardPage.SeesAsync(page.Page.Locator("#banners"), "The coordinator does not answer.");
            // What was known is still there, dimmed.
            await Assertions.Expect(page.Page.Locator("main")).ToHaveClassAsync("stale");
            await page.SeesAsync("4 tunnels");
            node.TcpTunnels = 9;
            await world.StepAsync();
        });
        await page.LiveAsync();
        await page.SeesAsync("9 tunnels");
        await Assertions.Expect(page.Page.Locator("main")).Not.ToHaveClassAsync("stale");
        await DashboardPage.IsGoneAsync(page.Page.Locator("#banners").GetByText("The coordinator does not answer."));
    }

    [Fact]
    public async Task Events_FromBeforeThePageWasOpened_AreThere_WithWhoDidWhat()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        await world.StepAsync();
        await world.Fleet.RecordAsync(
            [FleetEvent.Of(FleetEventKind.Action, "otto drained node edge-1", DateTimeOffset.UtcNow) with
            {
                Actor = "otto",
                Subject = new EventSubject("node", "edge-1"),
                Source = "192.0.2.7",
            }],
            lost: 2, default);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/events");
        await page.LiveAsync();
        await page.SeesAsync("edge-1 joined");
        await page.SeesAsync("otto drained node edge-1");
        await page.SeesAsync("from 192.0.2.7");
        await page.SeesAsync("never came into this history");
        await page.Page.GetByLabel("Nodes").UncheckAsync();
        await Assertions.Expect(page.Page.Locator("main tbody tr")).ToHaveCountAsync(1);
        await page.Page.GetByLabel("Filter events").FillAsync("otto");
        await Assertions.Expect(page.Page.Locator("main tbody a")).ToHaveAttributeAsync("href", "#/nodes/edge-1");
        // What comes now is on top, once.
        await world.Fleet.RecordAsync(
            [FleetEvent.Of(FleetEventKind.Refusal, "otto could not cancel drain x: 404", DateTimeOffset.UtcNow) with { Actor = "otto" }],
            lost: 0, default);
        await Assertions.Expect(page.Page.Locator("main tbody tr")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Page.Locator("main tbody tr").First).ToContainTextAsync("could not cancel");
    }

    [Fact]
    public async Task Events_ArriveAreFilteredAndHeld()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        world.Add("edge-1");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/events");
        await page.LiveAsync();
        await world.StepAsync();
        await page.SeesAsync("edge-1 joined");
        await world.Fleet.PutPoolAsync(
            new PrefixPool { Name = "v4", Prefix = Prefix.Parse("198.51.100.0/24"), BlockLength = 28 }, "", default);
        await page.SeesAsync("v4");
        await page.Page.GetByLabel("Leases").UncheckAsync();
        await Assertions.Expect(page.Page.Locator("main tbody")).Not.ToContainTextAsync("v4");
        await page.Page.GetByLabel("Filter events").FillAsync("nothing like it");
        await page.SeesAsync("No event fits the filter");
        await page.Page.GetByLabel("Filter events").FillAsync("");
        await page.Button("Pause").ClickAsync();
        world.Add("edge-2");
        await world.StepAsync();
        await page.SeesAsync("newer event");
        await Assertions.Expect(page.Page.Locator("main tbody")).Not.ToContainTextAsync("edge-2");
        await page.Button("Resume").ClickAsync();
        await page.SeesAsync("edge-2 joined");
    }
}
