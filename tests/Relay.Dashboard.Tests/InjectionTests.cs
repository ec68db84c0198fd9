using System.Text.Json;
using Microsoft.Playwright;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;
using Relay.Testing.Nodes;

namespace Relay.Dashboard.Tests;

/// <summary>
/// Text from nodes, clients and operators that would be markup, script or something else than it looks like. A page
/// that took it for more than text would break its own Content-Security-Policy, and <see cref="DashboardPage"/> would
/// find that in the console.
/// </summary>
public sealed class InjectionTests(Chromium chromium)
{
    private const string Markup =
        "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>\"'><svg onload=window.hit=1>";
    private const string Turned = "safe\u202Etxt.exe\u2066";

    [Fact]
    public async Task TextsThatANodeReports_AreShownAsTexts()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var node = world.Add(new SimulatedNode("edge-1", world.Fleet)
        {
            Version = "1<b>2</b><script>window.hit=1</script>",
            Addresses = ["javascript:window.hit=1", Markup],
            Warnings = [Markup, Turned],
            Amend = static report => report with { Egress = [Markup], NotReady = [Markup] },
        });
        node.Open(SampleFleet.Session("one", $"credential:{Markup}", "192.0.2.1"));
        node.Open(SampleFleet.Session("two", $"credential:{Turned}", "192.0.2.2"));
        await world.StepAsync();
        await world.Fleet.PutLimitAsync(
            new LimitRule { Identity = $"credential:{Markup}", Limit = new IdentityLimit { Tunnels = 1 } }, "",
            default);
        await AddUserAsync(world, "alice", Markup, Turned);
        await world.Fleet.StartDrainAsync(new DrainRequest { Id = "d1", Nodes = ["edge-1"], Reason = Markup }, default);
        await world.StepAsync();
        await VisitAsync(world, static page => Task.CompletedTask);
    }

    [Fact]
    public async Task TextsThatTheFleetWouldNotTake_AreShownAsTextsAsWell()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        await world.Fleet.PutPoolAsync(
            new PrefixPool { Name = "victim", Prefix = Prefix.Parse("198.51.100.0/24"), BlockLength = 28 }, "",
            default);
        var node = world.Add(new SimulatedNode("victim", world.Fleet) { Pools = ["victim"], Version = "victim" });
        node.Open(SampleFleet.Session("victim", "credential:victim", "192.0.2.1"));
        await world.StepAsync(2);
        await AddUserAsync(world, "victim", "victim");
        await world.Fleet.StartDrainAsync(
            new DrainRequest { Id = "victim", Nodes = ["victim"], Reason = "victim" }, default);
        await world.StepAsync();
        // Names of nodes, pools and ids: as if a coordinator had been taken over.
        var hostile = JsonEncodedText.Encode(Markup + Turned).ToString();
        await VisitAsync(world, page => page.RouteAsync("**/v1/**", async route =>
        {
            if (route.Request.Url.EndsWith("/v1/events", StringComparison.Ordinal))
            {
                await route.ContinueAsync();
                return;
            }
            var answer = await route.FetchAsync(new RouteFetchOptions
            {
                Url = route.Request.Url.Replace(
                    Uri.EscapeDataString(Markup + Turned), "victim", StringComparison.Ordinal),
            });
            var body = (await answer.TextAsync()).Replace("victim", hostile, StringComparison.Ordinal);
            await route.FulfillAsync(new RouteFulfillOptions { Response = answer, Body = body });
        }));
    }

    private static async Task AddUserAsync(FleetWorld world, string name, params string[] devices)
    {
        await world.Fleet.PutUserAsync(new User { Name = name }, "", default);
        foreach (var device in devices)
            await world.Fleet.AddDeviceAsync(name, DeviceSecret.Create(device, null).Device, default);
    }

    private async Task VisitAsync(FleetWorld world, Func<IPage, Task> prepare)
    {
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, prepare: prepare);
        await page.LiveAsync();
        var drain = Assert.Single((await world.Fleet.ListDrainsAsync(1, null, default)).Items);
        var node = world.Nodes[0];
        foreach (var address in (string[])
            ["#/", $"#/nodes/{node.Name}", "#/drains", $"#/drains/{drain.Id}", "#/sessions",
                $"#/sessions/{node.Sessions.First()}",
            "#/prefixes", "#/limits", "#/events", "#/users",
            $"#/users/{(await world.Fleet.ListUsersAsync(new UserQuery(), default)).Items[0].Name}",
            $"#/users/{Uri.EscapeDataString(Markup)}", $"#/nodes/{Uri.EscapeDataString(Markup + Turned)}"])
        {
            if (address.Contains("%3C", StringComparison.Ordinal))
                page.Expected.AddRange(["404 (Not Found)", "400 (Bad Request)"]);
            await page.GoAsync(address);
            await Assertions.Expect(page.Page.Locator("h1")).ToBeVisibleAsync();
            await Assertions.Expect(page.Page.Locator("[role=status]", new PageLocatorOptions { HasText = "Loading" }))
                .ToHaveCountAsync(0);
            if (address is "#/")
            {
                await page.Button("Table").ClickAsync();
                await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "<");
            }
            if (address == $"#/nodes/{node.Name}")
                await page.SeesAsync("<img src=x onerror=");
            var wrong = await page.Page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('main img, main script, main iframe, [onerror], [onload], a[href^="javascript"]')]
                  .map(e => e.outerHTML).concat(window.hit ? ['a script has run'] : [])
                  // The value of an option is what is sent, and not what is shown.
                  .concat([document.title, document.body.textContent, ...[...document.querySelectorAll('*')]
                    .flatMap(e => [...e.attributes].filter(a => a.name !== 'value').map(a => a.value))]
                    .filter(text => /[\u202a-\u202e\u2066-\u2069]/.test(text)).map(text => `text is turned around: ${text.slice(0, 200)}`))
                """);
            Assert.Empty(wrong);
        }
    }
}
