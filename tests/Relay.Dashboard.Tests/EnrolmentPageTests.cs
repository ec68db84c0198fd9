using System.Text.Json;
using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>The page of enrolments in a browser, and what a camera makes of the code that leads to it.</summary>
public sealed class EnrolmentPageTests(Chromium chromium) : IDisposable
{
    // What only the dashboard has to have.
    private static readonly string[] OfTheDashboard =
        ["the page has no navigation", "the page has no header", "the page has no live region"];

    private readonly ScratchFolder _folder = new();

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1440)]
    [InlineData("light", 390)]
    [InlineData("dark", 320)]
    public async Task Pages_InEachThemeAndWidth_AreWholeAndReadable(string theme, int width)
    {
        await using var world = await WorldAsync();
        var link = await EnrolAsync(world);
        var scheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light;
        var faults = new List<string>();
        await using var page = await DashboardPage.OpenAsync(chromium, new Uri(link.Url), link.Url, scheme, width);
        page.Expected.AddRange(["410", "404"]);

        await page.SeesAsync("Set up this device");
        await page.SeesAsync("a phone with <b>markup</b>");
        await LookAsync("offer");
        await page.Button("Set up this device").ClickAsync();
        await page.SeesAsync("This is shown once");
        await LookAsync("device");
        // The first is open.
        for (var part = await page.Page.Locator("summary").CountAsync() - 1; part > 0; part--)
            await page.Page.Locator("summary").Nth(part).ClickAsync();
        Assert.Equal(0, await page.Page.Locator("details:not([open])").CountAsync());
        await LookAsync("device-open");
        await page.GoAsync(link.Url);
        await page.SeesAsync("has been used");
        await LookAsync("used");
        await page.GoAsync("/enroll/nothing");
        await page.SeesAsync("does not work");
        await LookAsync("unknown");

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        async Task LookAsync(string name)
        {
            await ViewTests.ShootAsync(page.Page, $"enrol-{name}-{theme}-{width}");
            faults.AddRange((await Audit.RunAsync(page.Page)).Where(static fault => !OfTheDashboard.Contains(fault))
                .Select(fault => $"{name}: {fault}"));
        }
    }

    [Fact]
    public async Task Button_WithoutAnyScript_MakesTheDevice_WhoseProfileAndFilesHaveItsSecret()
    {
        await using var world = await WorldAsync();
        var link = await EnrolAsync(world);
        await using var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = false });
        context.SetDefaultTimeout(DashboardPage.Patience);
        var page = await context.NewPageAsync();
        await page.GotoAsync(link.Url);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up this device" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Your device is set up");

        var secret = (await page.Locator("input[name=secret]").GetAttributeAsync("value"))!;
        // Beside the page: whatever becomes of it, the only copy of the secret stays where it is.
        var downloads = new TaskCompletionSource<IDownload>();
        context.Page += (_, opened) => opened.Download += (_, begun) => downloads.TrySetResult(begun);
        page.Download += (_, begun) => downloads.TrySetResult(begun);
        await page.GetByRole(AriaRole.Button, new() { Name = "Download the profile" }).ClickAsync();
        var download = await downloads.Task.WaitAsync(Relay.Testing.Eventually.Limit);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Your device is set up");
        await download.SaveAsAsync(_folder.File(download.SuggestedFilename));
        await page.GetByText("curl", new() { Exact = true }).First.ClickAsync();
        var recipe = await page.RunAndWaitForDownloadAsync(() => page.GetByText("Save as relay.curlrc").ClickAsync());
        await recipe.SaveAsAsync(_folder.File(recipe.SuggestedFilename));

        Assert.Contains($"Bearer {secret}", await File.ReadAllTextAsync(_folder.File("relay.mobileconfig")), StringComparison.Ordinal);
        Assert.Contains($"Bearer {secret}", await File.ReadAllTextAsync(_folder.File("relay.curlrc")), StringComparison.Ordinal);
        Assert.Single((await world.Fleet.GetUserAsync("alice", default))!.Devices);
        // Back and again: nothing more comes of it.
        await page.GotoAsync(link.Url);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("This link has been used");
        Assert.Equal(0, await page.GetByRole(AriaRole.Button).CountAsync());
    }

    [Theory]
    [InlineData("light", 390)]
    [InlineData("dark", 1440)]
    public async Task Code_PhotographedOffAScreen_IsTheLink(string theme, int width)
    {
        InstalledProgram.Require("zbarimg", "zbar-tools");
        await using var world = await WorldAsync();
        var link = await EnrolAsync(world);
        await using var page = await DashboardPage.OpenAsync(
            chromium, world.Address, "", theme == "dark" ? ColorScheme.Dark : ColorScheme.Light, width);
        // On the dashboard's own page, whose policy has to let it be.
        await page.Page.EvaluateAsync(
            """
            svg => {
              const code = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
              Object.assign(code.style, { position: 'fixed', top: '40px', left: '40px', zIndex: 9 });
              document.body.append(code);
            }
            """, link.QrSvg);
        var code = page.Page.GetByRole(AriaRole.Img, new() { Name = "QR code of the link" });
        await Assertions.Expect(code).ToBeVisibleAsync();
        var picture = _folder.File("screen.png");
        await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = picture });

        Assert.Equal(link.Url, await QrReader.ReadAsync(picture));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<FleetWorld> WorldAsync()
    {
        var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        await world.Fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        return world;
    }

    private static async Task<EnrolmentLink> EnrolAsync(FleetWorld world)
    {
        using var client = new HttpClient();
        using var body = new StringContent("""{"device":"a phone with <b>markup</b>"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(world.Address, "/v1/users/alice/enrolments"), body);
        return JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), FleetJson.Of<EnrolmentLink>())!;
    }
}
