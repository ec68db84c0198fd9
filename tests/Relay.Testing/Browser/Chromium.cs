using Microsoft.Playwright;

namespace Relay.Testing.Browser;

/// <summary>The browser as its shell without windows, at a third of the work; one for all tests.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium-headless-shell";

    // Nothing but the page under test is to be asked for, and nothing to be asked of the graphics hardware.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
            return;
        _playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(DashboardPage.Patience);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Headless = true,
            Args = Arguments,
        });
    }

    /// <summary>The browser; skips the test where it is not installed.</summary>
    public IBrowser Browser
    {
        get
        {
            Assert.SkipWhen(_browser is null, "chromium-headless-shell is not installed (Debian package of that name).");
            return _browser;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
