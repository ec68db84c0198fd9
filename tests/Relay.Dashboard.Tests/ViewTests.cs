using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Fleet.Contract;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>
/// Each view in each theme, on a desk and on a phone: looked at by a program here, and by a person as a picture.
/// </summary>
public sealed class ViewTests(Chromium chromium, LocalSampleWorld sample) : IClassFixture<LocalSampleWorld>
{
    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1440)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task EveryView_InEachThemeAndWidth_IsWholeAndReadable(string theme, int width)
    {
        var scheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light;
        await LookAtAllAsync(chromium, sample.World, scheme, width, $"{theme}-{(width < 500 ? "phone" : "desk")}");
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task EveryDialog_InEachTheme_IsWholeAndReadable(string theme)
    {
        var scheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light;
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address, "#/", scheme);
        (string Name, string Address, string Button)[] dialogs =
        [
            ("drain", "#/nodes/edge-lon-1", "Drain…"), ("rolling-drain", "#/drains", "Start a rolling drain…"),
            ("cancel-drain", "#/drains/9f04c2d7e8b1436aa5d0", "Cancel the drain…"),
            ("end-session", "#/sessions/s0002QkFzZTY0dXJsLXNhZmU", "Disconnect…"),
            ("define-pool", "#/prefixes", "Define a pool…"), ("change-pool", "#/prefixes/v6-main", "Change…"),
            ("delete-pool", "#/prefixes/v6-main", "Delete…"), ("set-limit", "#/limits", "Set a limit…"), ("add-user", "#/users", "Add a user…"),
            ("disable-user", "#/users/alice", "Disable…"), ("enable-user", "#/users/mallory", "Enable…"),
            ("expiry-of-user", "#/users/alice", "Expiry…"), ("delete-user", "#/users/alice", "Delete…"),
            ("add-device", "#/users/alice", "Add a device…"), ("enrol-device", "#/users/alice", "Enrol a device…"),
            ("revoke-device", "#/users/alice", "Revoke laptop"),
        ];
        var faults = new List<string>();
        foreach (var (name, address, button) in dialogs)
        {
            await page.GoAsync(address);
            await page.Button(button).ClickAsync();
            await Assertions.Expect(page.Dialog).ToBeVisibleAsync();
            await ShootAsync(page.Page, $"dialog-{name}-{theme}");
            faults.AddRange((await Audit.RunAsync(page.Page)).Select(fault => $"{name}: {fault}"));
            await page.Page.Keyboard.PressAsync("Escape");
            await DashboardPage.IsGoneAsync(page.Dialog);
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task EmptyFleet_SaysOfEachViewWhyAndWhatToDo()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address);
        (string Name, string Address, string Text)[] empty =
        [
            ("fleet", "#/", "No node has reported yet"), ("drains", "#/drains", "Nothing has been drained"),
            ("sessions", "#/sessions", "No client is connected to any node"),
            ("prefixes", "#/prefixes", "No pool is defined"),
            ("limits", "#/limits", "No limit is set"), ("users", "#/users", "There is no user"), ("events", "#/events", "Nothing has happened yet"),
            ("unknown", "#/nonsense", "There is no such page"), ("inherited", "#/constructor", "There is no such page"),
        ];
        var faults = new List<string>();
        foreach (var (name, address, text) in empty)
        {
            await page.GoAsync(address);
            await page.SeesAsync(text);
            await ShootAsync(page.Page, $"empty-{name}");
            faults.AddRange((await Audit.RunAsync(page.Page)).Select(fault => $"{name}: {fault}"));
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Fleet_ShowsWhatMustNotBeOverlooked()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address);
        await SeesWarningsAsync(page);
        // On every page, and not only on the first.
        await page.GoAsync("#/limits");
        await DashboardPage.SeesAsync(Banners(page), "Open relay.");
    }

    [Fact]
    public async Task Fleet_AsATable_SortsAndFilters()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address);
        await page.Button("Table").ClickAsync();
        var first = page.Page.Locator("main tbody tr").First;
        await DashboardPage.SeesAsync(first, "edge-ams-1");
        await page.Button("Node").ClickAsync();
        await DashboardPage.SeesAsync(first, "edge-syd-1");
        await Assertions.Expect(page.Page.Locator("main th").First).ToHaveAttributeAsync("aria-sort", "descending");
        await page.Page.GetByLabel("Filter nodes").FillAsync("0.9.1");
        await Assertions.Expect(page.Page.Locator("main tbody tr")).ToHaveCountAsync(3);
        await page.Page.GetByLabel("Filter nodes").FillAsync("nothing like it");
        await page.SeesAsync("No node fits the filter");
    }

    [Fact]
    public async Task FirstLoad_TakesFewRequests()
    {
        var requests = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address, prepare: tab =>
        {
            tab.Request += (_, request) => requests.Enqueue(request.Url);
            return Task.CompletedTask;
        });
        await page.LiveAsync();
        await page.SeesAsync("edge-ams-1");
        await DashboardPage.SeesAsync(page.Page.Locator(".figures"), "datagrams/s");
        // What it asks for again every few seconds is no part of the first load, however long that took.
        var first = requests.Distinct().ToArray();
        Assert.InRange(first.Length, 5, 20);
    }

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 390)]
    public async Task Fleet_InGroups_CountsAndOpensThem(string theme, int width)
    {
        var scheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light;
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address, "#/", scheme, width);
        await page.Button("Groups").ClickAsync();
        var rows = page.Page.Locator("main tbody tr");
        await DashboardPage.SeesAsync(rows.First, "Silent");
        await page.Button("By pool").ClickAsync();
        // Leases of who is silent are not told; those of the others end as time passes here.
        await page.SeesAsync("no leased block");
        await page.Button("By use").ClickAsync();
        await page.SeesAsync("under 50");
        await page.Button("By version").ClickAsync();
        await DashboardPage.SeesAsync(rows.First, "0.9.2+4f1c2d7");
        await ShootAsync(page.Page, $"groups-{theme}");
        Assert.Empty(await Audit.RunAsync(page.Page));
        await page.Button("Show the nodes of 0.9.1+aa01fe3").ClickAsync();
        await Assertions.Expect(page.Page.Locator("main .tile")).ToHaveCountAsync(3);
        await page.SeesAsync("Version: 0.9.1+aa01fe3");
        await page.Button("Show all nodes").ClickAsync();
        await Assertions.Expect(page.Page.Locator("main .tile")).ToHaveCountAsync(12);
    }

    [Fact]
    public async Task Node_ThatIsSilent_HasItsNumbersDimmed()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address, "#/nodes/edge-syd-1");
        var number = page.Page.Locator("main .figure dd").First;
        var dimmed = await number.EvaluateAsync<string>("e => getComputedStyle(e).color");
        await page.GoAsync("#/nodes/edge-fra-1");
        await page.SeesAsync("edge-fra-1");
        Assert.NotEqual(dimmed, await number.EvaluateAsync<string>("e => getComputedStyle(e).color"));
    }

    [Fact]
    public async Task Help_LinksDocumentsThatAreThere()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address, "#/help");
        await page.SeesAsync("OpenAPI 3.1");
        var links = await page.Page.Locator("main .links a").EvaluateAllAsync<string[]>("all => all.map(a => a.href)");
        Assert.True(links.Length > 8);
        foreach (var link in links)
        {
            var answer = await page.Page.APIRequest.GetAsync(link);
            Assert.True(answer.Ok, link);
            Assert.NotEmpty(await answer.BodyAsync());
        }
    }

    [Fact]
    public async Task Theme_IsChosenAndKept()
    {
        await using var page = await DashboardPage.OpenAsync(chromium, sample.World.Address);
        await page.Button("Theme: auto").ClickAsync();
        await page.Button("Theme: light").ClickAsync();
        await Assertions.Expect(page.Button("Theme: dark")).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Button("Theme: dark")).ToBeVisibleAsync();
        Assert.Equal(
            "dark", await page.Page.EvaluateAsync<string>("getComputedStyle(document.documentElement).colorScheme"));
    }

    /// <summary>The fleet's page says what is wrong with the world of the samples.</summary>
    internal static async Task SeesWarningsAsync(DashboardPage page)
    {
        await DashboardPage.SeesAsync(
            Banners(page), "Open relay. Anybody who reaches it can send traffic through edge-lon-1");
        await DashboardPage.SeesAsync(Banners(page), "there is no high availability");
        await page.SeesAsync("edge-syd-1 has not been heard of since");
        await page.SeesAsync("its certificate expires in 6 days");
    }

    /// <summary>Opens every view, keeps a picture of each, and finds nothing wrong with any.</summary>
    internal static async Task LookAtAllAsync(
        Chromium chromium, FleetWorld world, ColorScheme scheme, int width, string suffix)
    {
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/", scheme, width);
        await page.LiveAsync();
        await world.Fleet.PutPoolAsync(
            new PrefixPool { Name = "v6-spare", Prefix = Prefix.Parse("2001:db8:9000::/60"), BlockLength = 64 }, null,
            default);
        await world.Fleet.DeletePoolAsync("v6-spare", null, default);
        var faults = new List<string>();
        foreach (var (name, address, text) in Views.All)
        {
            await page.GoAsync(address);
            await page.SeesAsync(text);
            await ShootAsync(page.Page, $"{name}-{suffix}");
            faults.AddRange((await Audit.RunAsync(page.Page)).Select(fault => $"{name}: {fault}"));
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    // Where somebody wants to look at them: pages are drawn for nothing else.
    internal static Task ShootAsync(IPage page, string name) => Environment.GetEnvironmentVariable("RELAY_SCREENSHOTS") is null
        ? Task.CompletedTask
        : page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = Repository.PathOf($"artifacts/screenshots/{name}.png"),
            FullPage = true,
            Animations = ScreenshotAnimations.Disabled,
        });

    private static ILocator Banners(DashboardPage page) => page.Page.Locator("#banners");
}
