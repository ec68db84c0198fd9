using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Dashboard.Tests.World;
using Relay.Fleet;

namespace Relay.Dashboard.Tests;

/// <summary>Tokens, losses of the connection, and what is live.</summary>
public abstract class ConnectionTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task Token_IsAskedForAndKeptInTheTabOnly()
    {
        using var file = new TokenFile();
        await using var world = await FleetWorld.StartAsync(fleet, file.Path);
        world.Add("edge-1", tcp: 4);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        page.Expected.Add("401 (Unauthorized)");
        await Assertions.Expect(page.Dialog.GetByLabel("Token")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Dialog).ToBeVisibleAsync();
        Assert.Empty(await Audit.RunAsync(page.Page));

        await page.Dialog.GetByLabel("Token").FillAsync("wrong");
        await page.Page.Keyboard.PressAsync("Enter");
        await DashboardPage.SeesAsync(page.Dialog, "The token that was given is not accepted");
        await page.Dialog.GetByLabel("Token").FillAsync(file.Operator);
        await page.DialogButton("Sign in").ClickAsync();
        await page.SeesAsync("edge-1");
        await page.LiveAsync();

        Assert.Equal(file.Operator, await page.Page.EvaluateAsync<string>("sessionStorage.getItem('relayfleet.token')"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        await page.Button("Sign out").ClickAsync();
        await Assertions.Expect(page.Dialog.GetByLabel("Token")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Viewer_WhoWantsToChangeSomething_IsToldWhyNot()
    {
        using var file = new TokenFile();
        await using var world = await FleetWorld.StartAsync(fleet, file.Path);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/nodes/edge-1",
            prepare: p => p.AddInitScriptAsync($"sessionStorage.setItem('relayfleet.token', '{file.Viewer}')"));
        page.Expected.Add("403 (Forbidden)");
        await page.Button("Drain…").ClickAsync();
        await page.DialogButton("Drain").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog.GetByRole(AriaRole.Alert), "role");
        Assert.Empty((await world.Fleet.ListDrainsAsync(1, null, default)).Items);
    }

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
    public async Task Chart_ReadByKeyboard_SaysEachPoint()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var node = world.Add("edge-1", tcp: 11);
        await world.StepAsync();
        world.Clock.Move(TimeSpan.FromSeconds(20));
        node.TcpTunnels = 22;
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        await page.SeesAsync("TCP 22");
        var chart = page.Page.Locator("time-chart").Nth(1);
        await chart.Locator("svg").FocusAsync();
        await page.Page.Keyboard.PressAsync("End");
        await DashboardPage.SeesAsync(chart.Locator("[aria-live]"), "TCP 22");
        await page.Page.Keyboard.PressAsync("Home");
        await DashboardPage.SeesAsync(chart.Locator("[aria-live]"), "TCP 11");
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
            // What was known is still there.
            await page.SeesAsync("4 tunnels");
            node.TcpTunnels = 9;
            await world.StepAsync();
        });
        await page.LiveAsync();
        await page.SeesAsync("9 tunnels");
        await DashboardPage.IsGoneAsync(page.Page.Locator("#banners").GetByText("The coordinator does not answer."));
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
        await page.Button("Hold").ClickAsync();
        world.Add("edge-2");
        await world.StepAsync();
        await page.SeesAsync("newer event");
        await Assertions.Expect(page.Page.Locator("main tbody")).Not.ToContainTextAsync("edge-2");
        await page.Button("Go on").ClickAsync();
        await page.SeesAsync("edge-2 joined");
    }

    private sealed class TokenFile : IDisposable
    {
        public TokenFile()
        {
            (Operator, Viewer) = (RandomNumberGenerator.GetHexString(40), RandomNumberGenerator.GetHexString(40));
            File.WriteAllText(Path, $"""
                otto:operator:{HashOf(Operator)}
                vera:viewer:{HashOf(Viewer)}

                """);
        }

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public string Operator { get; }

        public string Viewer { get; }

        public void Dispose() => File.Delete(Path);

        private static string HashOf(string token) =>
            $"sha256${Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}";
    }
}
