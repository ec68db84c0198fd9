using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>Tokens, and charts without a pointer.</summary>
public sealed class SignInTests(Chromium chromium)
{
    [Fact]
    public async Task Token_IsAskedForAndKeptInTheTabOnly()
    {
        using var file = new TokenFile();
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync, file.Path);
        world.Add("edge-1", tcp: 4);
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        page.Expected.Add("401 (Unauthorized)");
        await Assertions.Expect(page.Dialog.GetByLabel("Token")).ToBeFocusedAsync();
        await DashboardPage.SeesAsync(page.Page.Locator(".connection"), "Not signed in");
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

        Assert.Equal(
            file.Operator, await page.Page.EvaluateAsync<string>("sessionStorage.getItem('relayfleet.token')"));
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("localStorage.length + document.cookie.length"));
        await page.Button("Sign out").ClickAsync();
        await Assertions.Expect(page.Dialog.GetByLabel("Token")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Viewer_WhoWantsToChangeSomething_IsToldWhyNot()
    {
        using var file = new TokenFile();
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync, file.Path);
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
    public async Task Viewer_OfUsers_SeesNoButtons()
    {
        using var file = new TokenFile();
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync, file.Path);
        await world.Fleet.PutUserAsync(new User { Name = "alice" }, "", default);
        await world.Fleet.AddDeviceAsync("alice", DeviceSecret.Create("phone", null).Device, default);
        foreach (var (token, count) in new[] { (file.Operator, 1), (file.Viewer, 0) })
        {
            await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users",
                prepare: p => p.AddInitScriptAsync($"sessionStorage.setItem('relayfleet.token', '{token}')"));
            await page.LiveAsync();
            await page.SeesAsync("alice");
            // Who looks is known with the fleet.
            await DashboardPage.SeesAsync(page.Page.Locator(".cluster"), "relayfleet-eu");
            await Assertions.Expect(page.Button("Add a user…")).ToHaveCountAsync(count);
            await page.GoAsync("#/users/alice");
            await page.SeesAsync("phone");
            foreach (var button in (string[])
                ["Disable…", "Expiry…", "Delete…", "Add a device…", "Enrol a device…", "Revoke phone"])
                await Assertions.Expect(page.Button(button)).ToHaveCountAsync(count);
        }
    }

    [Fact]
    public async Task Chart_ReadByKeyboard_SaysEachPoint()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
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
