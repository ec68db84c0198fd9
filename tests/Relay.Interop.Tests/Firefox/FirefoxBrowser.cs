using System.Net.Sockets;
using System.Text.Json.Nodes;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Firefox;

/// <summary>Firefox without a window and with a fresh profile, inside a namespace, under remote control.</summary>
internal sealed class FirefoxBrowser : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private ChildProcess? _process;
    private MarionetteClient? _control;

    private FirefoxBrowser()
    {
    }

    public OutputLog Log => _process!.Log;

    /// <summary>Skips the test unless the browser and what prepares its profile are installed.</summary>
    public static void RequireInstalled()
    {
        Locate();
        FirefoxProfile.RequireInstalled();
    }

    public static Task<FirefoxBrowser> StartAsync(
        NetworkNamespace network, TestAuthority authority, IReadOnlyDictionary<string, object>? preferences = null) =>
        new FirefoxBrowser().ReadyAfterAsync(async browser =>
        {
            await FirefoxProfile.CreateAsync(
                browser._folder, authority, preferences ?? new Dictionary<string, object>());
            await browser.LaunchAsync(network);
        });

    /// <summary>Loads a page as a user would, and returns when it is complete.</summary>
    public Task OpenAsync(string address) => OpenAsync(address, Limits.Exchange);

    /// <summary>Loads a page; one that is not loaded within the limit has failed, like one that cannot be.</summary>
    public async Task OpenAsync(string address, TimeSpan limit)
    {
        await CallAsync("Marionette:SetContext", new { value = "content" }, Limits.Exchange);
        await CallAsync("WebDriver:Navigate", new { url = address }, limit);
    }

    /// <summary>Runs the body of an async function with the page's rights; what it returns comes back.</summary>
    public Task<JsonNode?> RunInPageAsync(string body, TimeSpan limit, params object[] arguments) =>
        RunAsync("content", body, limit, arguments);

    /// <summary>Runs the body of an async function with the rights of the browser's own code.</summary>
    public Task<JsonNode?> RunInBrowserAsync(string body, TimeSpan limit, params object[] arguments) =>
        RunAsync("chrome", body, limit, arguments);

    /// <summary>Ends the browser as its menu would, and expects that it ends well.</summary>
    public async Task QuitAsync()
    {
        await CallAsync("Marionette:Quit", new { flags = new[] { "eForceQuit" } }, Limits.Stop);
        var status = await _process!.WaitForExitAsync(Limits.Stop);
        Assert.True(status == 0, $"Firefox ended with {status}. {Log.Describe()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
            await _control.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string Locate() => InstalledProgram.Require("firefox-esr", "firefox-esr");

    private async Task LaunchAsync(NetworkNamespace network)
    {
        _process = network.Start(
            Locate(),
            [
                "--headless", "--no-remote", "--marionette", "--remote-allow-system-access",
                "--profile", _folder.Path,
            ],
            new Dictionary<string, string>
            {
                ["HOME"] = _folder.Folder("home"),
                ["TMPDIR"] = _folder.Folder("tmp"),
                ["MOZ_CRASHREPORTER_DISABLE"] = "1",
                ["MOZ_DISABLE_NONLOCAL_CONNECTIONS"] = "1",
            });
        var listening = await Log.WaitForAsync(@"Marionette\s+INFO\s+Listening on port (\d+)", Limits.Start);
        var port = int.Parse(listening.Groups[1].Value);
        _control = await MarionetteClient.ConnectAsync(
            network.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)), port);
        await CallAsync("WebDriver:NewSession", new { }, Limits.Start);
    }

    private async Task<JsonNode?> RunAsync(string context, string body, TimeSpan limit, object[] arguments)
    {
        // The script must give up before the wait for its answer does, so that its own account is what fails.
        var scriptLimit = (long)limit.TotalMilliseconds;
        await CallAsync("WebDriver:SetTimeouts", new { script = scriptLimit }, Limits.Exchange);
        await CallAsync("Marionette:SetContext", new { value = context }, Limits.Exchange);
        var script = $$"""
            const resolve = arguments[arguments.length - 1];
            (async (...args) => { {{body}} })(...Array.prototype.slice.call(arguments, 0, -1))
                .then(value => resolve({ value }), error => resolve({ error: String(error) + "\n" + error?.stack }));
            """;
        var answer = await CallAsync(
            "WebDriver:ExecuteAsyncScript", new { script, args = arguments }, limit + Limits.Exchange);
        var outcome = answer!["value"]!;
        return outcome["error"] is { } error ? throw new MarionetteException($"{error}") : outcome["value"];
    }

    private async Task<JsonNode?> CallAsync(string command, object parameters, TimeSpan limit)
    {
        try
        {
            return await _control!.CallAsync(command, parameters, limit);
        }
        catch (Exception failure) when (failure is TimeoutException or IOException or MarionetteException)
        {
            throw new InvalidOperationException($"{failure.Message}\n{Log.Describe()}", failure);
        }
    }
}
