using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Relay.Testing.Browser;

/// <summary>
/// The dashboard in a tab of its own. What no page of it may ever do is found at its end: an error in the console, a
/// script that fails, a request to anywhere else.
/// </summary>
public sealed class DashboardPage : IAsyncDisposable
{
    /// <summary>How long something that must happen may take, on a machine that does much else.</summary>
    public const int Patience = 300_000;

    private readonly Uri _origin;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();

    private DashboardPage(Uri origin, IBrowserContext context, IPage page) =>
        (_origin, _context, Page) = (origin, context, page);

    public IPage Page { get; }

    /// <summary>
    /// Texts in the console that a test expects: failed requests are told there by the browser itself.
    /// </summary>
    public List<string> Expected { get; } = [];

    public static async Task<DashboardPage> OpenAsync(
        Chromium chromium, Uri origin, string address = "", ColorScheme scheme = ColorScheme.Light, int width = 1440,
        Func<IPage, Task>? prepare = null)
    {
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "Europe/Berlin",
        });
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var dashboard = new DashboardPage(origin, context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                dashboard._faults.Enqueue($"console: {message.Text} {message.Location}");
        };
        page.PageError += (_, error) => dashboard._faults.Enqueue($"script: {error}");
        page.Request += (_, request) =>
        {
            if (!new Uri(request.Url).GetLeftPart(UriPartial.Authority).Equals(
                origin.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal))
                dashboard._faults.Enqueue($"request: {request.Url}");
        };
        if (prepare is not null)
            await prepare(page);
        await page.GotoAsync(new Uri(origin, address).AbsoluteUri);
        return dashboard;
    }

    /// <summary>Goes to another view.</summary>
    public Task GoAsync(string address) => Page.GotoAsync(new Uri(_origin, address).AbsoluteUri);

    /// <summary>Waits until the page says that it is live.</summary>
    public Task LiveAsync() => SeesAsync(Page.Locator(".connection"), "Live");

    /// <summary>A button by what it says.</summary>
    public ILocator Button(string name) =>
        Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The open dialog.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    /// <summary>A button of the open dialog.</summary>
    public ILocator DialogButton(string name) =>
        Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = name, Exact = true });

    /// <summary>Waits until the main part holds a text.</summary>
    public Task SeesAsync(string text) => SeesAsync(Page.Locator("main"), text);

    /// <summary>Waits until an element holds a text.</summary>
    public static Task SeesAsync(ILocator element, string text) => Assertions.Expect(element).ToContainTextAsync(text);

    /// <summary>Waits until an element is not there, or not to be seen.</summary>
    public static Task IsGoneAsync(ILocator element) => Assertions.Expect(element).ToBeHiddenAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        var faults = _faults.Where(fault => !Expected.Any(text => fault.Contains(text, StringComparison.Ordinal)))
            .ToArray();
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }
}
