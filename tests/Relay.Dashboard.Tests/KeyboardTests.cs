using Microsoft.Playwright;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>Everything without a pointer.</summary>
public sealed class KeyboardTests(Chromium chromium)
{
    [Fact]
    public async Task SkipLink_IsTheFirstStopAndLeadsToTheContent()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/limits");
        await page.SeesAsync("No limit is set");
        await page.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.Page.Locator(".skip")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.Locator("main")).ToBeFocusedAsync();
        await page.SeesAsync("No limit is set");
    }

    [Fact]
    public async Task Tab_ReachesEveryControlAndShowsWhereItIs()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        await page.SeesAsync("edge-2");
        var wanted = await page.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('a[href], button, input, select, [tabindex=\"0\"]')].filter(e => e.checkVisibility()).length");
        var seen = new List<string>();
        for (var i = 0; i < wanted; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            seen.Add(await page.Page.EvaluateAsync<string>("""
                () => {
                  const e = document.activeElement;
                  const all = [...document.querySelectorAll('*')];
                  return `${all.indexOf(e)} ${getComputedStyle(e).outlineStyle} ${e.outerHTML.slice(0, 60)}`;
                }
                """));
        }
        Assert.Equal(wanted, seen.Distinct().Count());
        Assert.DoesNotContain(seen, static text => text.Split(' ')[1] == "none");
    }

    [Fact]
    public async Task Dialog_KeepsTheFocusAndGivesItBack()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1");
        await page.Button("Drain…").FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Dialog).ToBeVisibleAsync();
        for (var i = 0; i < 12; i++)
        {
            await page.Page.Keyboard.PressAsync("Tab");
            Assert.True(await page.Page.EvaluateAsync<bool>(
                "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"));
        }
        await page.Page.Keyboard.PressAsync("Escape");
        await DashboardPage.IsGoneAsync(page.Dialog);
        await Assertions.Expect(page.Button("Drain…")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Focus_SurvivesThatThePageIsDrawnAnew()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var node = world.Add("edge-1", tcp: 1);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        await page.LiveAsync();
        var filter = page.Page.GetByLabel("Filter nodes");
        await filter.FillAsync("edge");
        node.TcpTunnels = 77;
        world.Clock.Move(TimeSpan.FromSeconds(1));
        await world.StepAsync();
        await page.SeesAsync("TCP 77");
        await Assertions.Expect(filter).ToBeFocusedAsync();
        await Assertions.Expect(filter).ToHaveValueAsync("edge");
    }
}
