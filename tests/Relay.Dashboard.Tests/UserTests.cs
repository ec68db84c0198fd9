using Microsoft.Playwright;
using Relay.Dashboard.Tests.Browser;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;
using Relay.Testing.Browser;
using Relay.Testing.Fleets;

namespace Relay.Dashboard.Tests;

/// <summary>Users of the fleet: found, added, revoked, and what is said before.</summary>
public abstract class UserTests(Chromium chromium, FleetStart fleet)
{
    [Fact]
    public async Task User_Added_WithADevice_ShowsItsSecretOnce()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users");
        await page.SeesAsync("There is no user");
        await page.Button("Add a user…").ClickAsync();
        await page.Dialog.GetByLabel("Name", Exact).FillAsync("alice");
        await page.Dialog.GetByLabel("First device (may be empty)").FillAsync("phone");
        await page.DialogButton("Add").ClickAsync();

        await DashboardPage.SeesAsync(page.Dialog, "It is shown this once.");
        var secret = await page.Dialog.GetByLabel("Secret").InputValueAsync();
        var device = Assert.Single((await world.Fleet.GetUserAsync("alice", default))!.Devices);
        Assert.Equal("phone", device.Name);
        Assert.Equal(43, secret.Length);
        Assert.Empty(await Audit.RunAsync(page.Page));
        Assert.True(await HoldsAsync(page, secret));
        // It cannot be lost by a key that was meant for something else.
        for (var i = 0; i < 3; i++)
            await page.Page.Keyboard.PressAsync("Escape");
        await page.DialogButton("I have it").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        await page.SeesAsync("phone");
        Assert.False(await HoldsAsync(page, secret));
    }

    /// <summary>A day that is not written to its end, or of no calendar, is not "never".</summary>
    [Theory]
    [InlineData("0106")]
    [InlineData("")]
    public async Task Expiry_NotWrittenToItsEnd_IsRefused_AndNoneIsNever(string typed)
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        var before = DateTimeOffset.UtcNow.AddDays(90);
        await world.Fleet.PutUserAsync(new User { Name = "alice", ExpiresAt = before }, "", default);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice");
        await page.Button("Expiry…").ClickAsync();
        var field = page.Dialog.GetByLabel("Expires (may be empty)");
        await field.FillAsync("");
        await field.FocusAsync();
        await page.Page.Keyboard.TypeAsync(typed);
        await page.DialogButton("Change").ClickAsync();
        if (typed.Length > 0)
        {
            await DashboardPage.SeesAsync(page.Dialog.Locator("#field-expires-error"), "Write day, month and year");
            Assert.Equal(before, (await world.Fleet.GetUserAsync("alice", default))!.ExpiresAt);
            return;
        }
        await DashboardPage.IsGoneAsync(page.Dialog);
        Assert.Null((await world.Fleet.GetUserAsync("alice", default))!.ExpiresAt);
    }

    [Fact]
    public async Task Access_IsTakenAway_ThoughNothingElseIsKnown()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice", "phone");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice", prepare: static page => page.RouteAsync(
            url => url.Contains("/v1/sessions", StringComparison.Ordinal) || url.EndsWith("/usage", StringComparison.Ordinal),
            static route => route.FulfillAsync(new RouteFulfillOptions { Status = 503 })));
        page.Expected.Add("503 (Service Unavailable)");
        await page.Button("Revoke phone").ClickAsync();
        await page.DialogButton("Revoke").ClickAsync();
        await page.SeesAsync("There is no device");
        await page.Button("Disable…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "How many sessions of the user are open is not known");
        await page.DialogButton("Disable").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Disabled");
    }

    /// <summary>Whether a page has a text, in what it shows, in a field, or kept.</summary>
    private static Task<bool> HoldsAsync(DashboardPage page, string text) => page.Page.EvaluateAsync<bool>("""
        text => [...document.querySelectorAll('input')].some(input => input.value.includes(text))
          || document.documentElement.outerHTML.includes(text) || location.href.includes(text)
          || JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]).includes(text)
        """, text);

    [Fact]
    public async Task User_OfANameThatIsTakenOrNone_IsRefusedAtTheField()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users");
        page.Expected.AddRange(["400 (Bad Request)", "412 (Precondition Failed)"]);
        await page.Button("Add a user…").ClickAsync();
        foreach (var (name, fault) in new[]
        {
            ("", "A name is wanted."), ("alice", "This name is taken."), ("Alice", "a-z"), ("<img src=x onerror=hit()>", "a-z"),
        })
        {
            await page.Dialog.GetByLabel("Name", Exact).FillAsync(name);
            await page.DialogButton("Add").ClickAsync();
            await DashboardPage.SeesAsync(page.Dialog.Locator("#field-name-error"), fault);
        }
        // The user is there, the device is not: the second try is of the device alone.
        await page.Dialog.GetByLabel("Name", Exact).FillAsync("bob");
        await page.Dialog.GetByLabel("First device (may be empty)").FillAsync("pho\u0085ne");
        await page.DialogButton("Add").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog.GetByRole(AriaRole.Alert), "bob is added, but not the device");
        await page.Dialog.GetByLabel("First device (may be empty)").FillAsync("phone");
        await page.DialogButton("Add").ClickAsync();
        await page.DialogButton("I have it").ClickAsync();
        Assert.Equal("phone", Assert.Single((await world.Fleet.GetUserAsync("bob", default))!.Devices).Name);
    }

    [Fact]
    public async Task Users_AreFoundByAPartOfTheName_AndShownInParts()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        for (var i = 0; i < 130; i++)
            await world.Fleet.PutUserAsync(new User { Name = $"user-{i:d3}" }, "", default);
        await AddAsync(world, "alice");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users");
        await page.SeesAsync("100 users shown, and there are more");
        await page.Button("Show more").ClickAsync();
        await page.SeesAsync("131 users");
        await DashboardPage.IsGoneAsync(page.Button("Show more"));

        await page.Page.GetByLabel("Name").FillAsync("lic");
        await page.Page.GetByLabel("Name").PressAsync("Enter");
        await page.SeesAsync("1 user");
        await Assertions.Expect(page.Page.Locator("main tbody tr")).ToHaveCountAsync(1);
        await page.Page.GetByLabel("Name").FillAsync("nobody");
        await page.Button("Search").ClickAsync();
        await page.SeesAsync("No user fits");
        await page.Button("Show all").ClickAsync();
        await page.SeesAsync("100 users shown");
        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "alice" }).ClickAsync();
        await page.SeesAsync("There is no device");
    }

    [Fact]
    public async Task Device_Revoked_IsGone_AndTheOthersStay()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice", "phone", "laptop");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice");
        await page.Button("Revoke phone").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "refused by every node within two reports");
        await DashboardPage.SeesAsync(page.Dialog, "those of the user’s other devices go on");
        await Assertions.Expect(page.DialogButton("Cancel")).ToBeFocusedAsync();
        await page.DialogButton("Revoke").ClickAsync();
        await Assertions.Expect(page.Page.Locator("main tbody tr")).ToHaveCountAsync(1);
        Assert.Equal("laptop", Assert.Single((await world.Fleet.GetUserAsync("alice", default))!.Devices).Name);

        // Of two operators one is first.
        page.Expected.Add("404 (Not Found)");
        await page.Button("Revoke laptop").ClickAsync();
        await world.Fleet.DeleteUserAsync("alice", null, default);
        await page.DialogButton("Revoke").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog.GetByRole(AriaRole.Alert), "Somebody else has revoked it");
        await page.DialogButton("Cancel").ClickAsync();
        await page.SeesAsync("The user is gone.");
        await DashboardPage.IsGoneAsync(page.Button("Delete…"));
    }

    [Fact]
    public async Task User_DisabledEnabledAndGivenATime_SaysBeforeWhatEnds()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice", "phone");
        var node = world.Add("edge-1");
        node.Open(SampleFleet.Session("one", "user:alice", "192.0.2.1", tunnels: 4));
        node.Open(SampleFleet.Session("two", "user:alice2", "192.0.2.1"));
        await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice");
        await page.Button("Disable…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "1 session with 4 open tunnels ends");
        await page.DialogButton("Disable").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Disabled");
        Assert.True((await world.Fleet.GetUserAsync("alice", default))!.IsDisabled);

        await page.Button("Expiry…").ClickAsync();
        await page.Dialog.GetByLabel("Expires").FillAsync("2099-06-01");
        await DashboardPage.SeesAsync(page.Dialog, "From then on nodes refuse the user");
        await page.DialogButton("Change").ClickAsync();
        await page.SeesAsync("1 Jun 2099");
        var user = (await world.Fleet.GetUserAsync("alice", default))!;
        // As Berlin has it; and what was not asked about stays.
        Assert.Equal(new DateTimeOffset(2099, 5, 31, 22, 0, 0, TimeSpan.Zero), user.ExpiresAt);
        Assert.True(user.IsDisabled);

        await page.Button("Enable…").ClickAsync();
        await page.DialogButton("Enable").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Active");
        user = (await world.Fleet.GetUserAsync("alice", default))!;
        Assert.Equal((false, 2099), (user.IsDisabled, user.ExpiresAt!.Value.Year));
    }

    [Fact]
    public async Task TwoOperators_TheSecondIsToldWhatTheFirstHasDone_AndAskedAgain()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice", "phone");
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice");
        page.Expected.AddRange(["412 (Precondition Failed)", "404 (Not Found)"]);
        await page.Button("Delete…").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog, "Active has 1 device");
        await world.Fleet.PutUserAsync(new User { Name = "alice", IsDisabled = true }, null, default);
        await world.Fleet.AddDeviceAsync("alice", DeviceSecret.Create("laptop", null).Device, default);
        await page.DialogButton("Delete").ClickAsync();
        await DashboardPage.SeesAsync(
            page.Dialog.GetByRole(AriaRole.Alert), "Somebody else has changed alice since this was opened, and nothing was done.");
        await DashboardPage.SeesAsync(page.Dialog, "Disabled has 2 devices");
        Assert.NotNull(await world.Fleet.GetUserAsync("alice", default));
        await page.DialogButton("Delete").ClickAsync();
        await page.SeesAsync("There is no user");
        Assert.Null(await world.Fleet.GetUserAsync("alice", default));
    }

    [Fact]
    public async Task Use_OfTheMonth_IsShownAgainstTheQuotaThatHolds()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice");
        await AddAsync(world, "bob");
        await world.Fleet.PutLimitAsync(Quota("*", 8_000_000_000), "", default);
        await world.Fleet.PutLimitAsync(Quota("user:alice", 10_000_000_000), "", default);
        var node = world.Add("edge-1");
        node.Open(SampleFleet.Session("one", "user:alice", "192.0.2.1", tunnels: 20));
        for (var i = 0; i < 100 && (await world.Fleet.GetUserUsageAsync("alice", default))!.Months.Count == 0; i++)
            await world.StepAsync();
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users");
        await page.SeesAsync("2.00 GB of 10 GB");
        await page.SeesAsync("0 B of 8 GB");
        await page.SeesAsync("ago");
        await page.GoAsync("#/users/alice");
        await page.SeesAsync("2.00 GB of 10 GB");
        var month = page.Page.GetByRole(AriaRole.Table, new PageGetByRoleOptions { Name = "Use of alice by month" }).Locator("tbody tr");
        await DashboardPage.SeesAsync(month, "1.98 GB");
        await DashboardPage.SeesAsync(month, "24.7 MB");
        await DashboardPage.SeesAsync(month, "800");

        static LimitRule Quota(string identity, long bytes) =>
            new() { Identity = identity, Limit = new IdentityLimit { BytesPerMonth = bytes } };
    }

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 390)]
    public async Task Device_Enrolled_ByTheCodeThatACameraSees(string theme, int width)
    {
        InstalledProgram.Require("zbarimg", "zbar-tools");
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice");
        await using var page = await DashboardPage.OpenAsync(
            chromium, world.Address, "#/users/alice", theme == "dark" ? ColorScheme.Dark : ColorScheme.Light, width);
        await page.Button("Enrol a device…").ClickAsync();
        await page.Dialog.GetByLabel("Name of the device (may be empty)").FillAsync("phone");
        await DashboardPage.SeesAsync(page.Dialog, "It is good once, for ten minutes.");
        await page.DialogButton("Make a link").ClickAsync();
        var url = await page.Dialog.GetByLabel("Link", Exact).InputValueAsync();
        await Assertions.Expect(page.Dialog.GetByRole(
            AriaRole.Img, new LocatorGetByRoleOptions { Name = "The link for alice as a QR code" })).ToBeVisibleAsync();
        Assert.Empty(await Audit.RunAsync(page.Page));
        using var folder = new ScratchFolder();
        await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = folder.File("screen.png") });
        Assert.Equal(url, await QrReader.ReadAsync(folder.File("screen.png")));

        // A messenger looks first; then somebody presses the button.
        using var phone = new HttpClient();
        Assert.Contains("alice", await phone.GetStringAsync(url), StringComparison.Ordinal);
        using var enrolled = await phone.PostAsync(url, null);
        Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
        Assert.True(await HoldsAsync(page, url));
        for (var i = 0; i < 3; i++)
            await page.Page.Keyboard.PressAsync("Escape");
        await page.DialogButton("Done").ClickAsync();
        await DashboardPage.IsGoneAsync(page.Dialog);
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "phone");
        Assert.False(await HoldsAsync(page, url));
    }

    [Fact]
    public async Task Enrolment_ThatCannotBe_SaysWhy()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await world.Fleet.PutUserAsync(new User { Name = "alice", IsDisabled = true }, "", default);
        await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice");
        page.Expected.Add("409 (Conflict)");
        await page.Button("Enrol a device…").ClickAsync();
        await page.DialogButton("Make a link").ClickAsync();
        await DashboardPage.SeesAsync(page.Dialog.GetByRole(AriaRole.Alert), "disabled");
    }

    [Fact]
    public async Task Code_ThatIsMarkup_IsDrawnForItsShapeOrNotAtAll()
    {
        await using var world = await FleetWorld.StartAsync(fleet);
        await AddAsync(world, "alice");
        // As if a coordinator had been taken over.
        foreach (var (svg, isDrawn) in new[]
        {
            ("""<svg viewBox="0 0 9 9" onload="hit()"><script>hit()</script><path d="M0 0h1v1h-1z" onclick="hit()"/></svg>""", true),
            ("""<svg viewBox="0 0 9 9"><path d="url(https://elsewhere.example/)"/></svg>""", false),
            ("""<img src=x onerror=hit()><svg viewBox="0 0 9 9"><path d="M0 0h1v1h-1z"/></svg>""", false),
            ("", false),
        })
        {
            await using var page = await DashboardPage.OpenAsync(chromium, world.Address, "#/users/alice", prepare: page => page.RouteAsync(
                "**/enrolments", route => route.FulfillAsync(new RouteFulfillOptions
                {
                    Status = 201,
                    Json = new { url = "javascript:hit()", expiresAt = DateTimeOffset.UtcNow.AddMinutes(10), qrText = "", qrSvg = svg },
                })));
            await page.Button("Enrol a device…").ClickAsync();
            await page.DialogButton("Make a link").ClickAsync();
            await Assertions.Expect(page.Dialog.GetByLabel("Link", Exact)).ToHaveValueAsync("javascript:hit()");
            await Assertions.Expect(page.Dialog.Locator("svg.qr")).ToHaveCountAsync(isDrawn ? 1 : 0);
            await Assertions.Expect(page.Dialog.Locator("script, img, a, [onload], [onclick]")).ToHaveCountAsync(0);
        }
    }

    private static readonly LocatorGetByLabelOptions Exact = new() { Exact = true };

    private static async Task AddAsync(FleetWorld world, string name, params string[] devices)
    {
        await world.Fleet.PutUserAsync(new User { Name = name }, "", default);
        foreach (var device in devices)
            await world.Fleet.AddDeviceAsync(name, DeviceSecret.Create(device, null).Device, default);
    }
}
