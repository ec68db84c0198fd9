using Microsoft.Playwright;
using Relay.Interop.Tests.Lifecycle;
using Relay.Interop.Tests.Loopback;
using Relay.Testing.Browser;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Dashboard;

/// <summary>A node with its own coordinator and traffic, operated from a real browser and from a terminal.</summary>
public sealed class DrainUnderLoadTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Flows = 8;

    [Theory]
    [InlineData("local")]
    [InlineData("silo")]
    public async Task DrainFromThePage_WhileLoadRuns_BreaksNothingAndShowsTheOutcome(string fleet)
    {
        var admin = new Uri($"http://127.0.0.1:{Ports.FreeTcp()}");
        await using var world = await TunnelWorld.StartAsync(
            ["--fleet", fleet, "--node-id", "edge-1", "--admin-address", admin.Authority, .. SiloOf(fleet)]);
        var (client, target) = await world.OpenAsync();
        await ShowsAsync(admin.Authority, "serving", "node", "edge-1");
        await using var page = await DashboardPage.OpenAsync(chromium, admin, "#/nodes/edge-1");
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Serving");

        await page.Button("Drain…").ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Radio, new LocatorGetByRoleOptions { Name = "Immediate" }).CheckAsync();
        await page.Dialog.GetByLabel("Deadline").FillAsync("10m");
        await page.Dialog.GetByLabel("Reason").FillAsync("kernel update");
        await DashboardPage.SeesAsync(page.Dialog, "No other node serves.");
        await using var load = LoadRun.Start(
            world.Relay.Port, "flood-down", "--flows", Flows.ToString(), "--rate", "100", "--duration", "3600");
        // The dialog follows the node: it says how many tunnels there are at this moment.
        await DashboardPage.SeesAsync(page.Dialog, $"{Flows + 1} open tunnels");
        await page.DialogButton("Drain").ClickAsync();
        await page.SeesAsync("kernel update");
        await DashboardPage.SeesAsync(page.Page.Locator("main tbody"), "Draining");

        // What runs goes on to its end, and what is new is refused.
        load.Signal(Signals.Interrupt);
        Assert.Equal(0, await load.WaitForExitAsync(Limits.Transfer));
        await page.SeesAsync($"{Flows} tunnels finished, 0 force-closed");
        await page.SeesAsync("1 tunnel left");
        await client.WriteAsync("still here"u8.ToArray(), TestContext.Current.CancellationToken);
        await target.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Limits.Exchange);
        await using (var late = LoadRun.Start(world.Relay.Port, "handshakes", "--count", "1"))
            Assert.Equal(1, await late.WaitForExitAsync(Limits.Exchange));

        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        target.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await page.SeesAsync($"Completed: 1 of 1 node drained. {Flows + 1} tunnels finished, 0 force-closed.");

        await page.GoAsync("#/nodes/edge-1");
        await page.Button("Undrain…").ClickAsync();
        await page.DialogButton("Undrain").ClickAsync();
        await DashboardPage.SeesAsync(page.Page.Locator("h1"), "Serving");
        await LoadRun.AgainstAsync(world.Relay.Port, Limits.Transfer, "tcp-down", "--bytes", "1MiB");
    }

    [Theory]
    [InlineData("local")]
    [InlineData("silo")]
    public async Task RelayctlDrainWatch_AgainstALiveNode_EndsWithItsOutcome(string fleet)
    {
        var admin = $"127.0.0.1:{Ports.FreeTcp()}";
        await using var world = await TunnelWorld.StartAsync(
            ["--fleet", fleet, "--node-id", "edge-1", "--admin-address", admin, .. SiloOf(fleet)]);
        var (client, target) = await world.OpenAsync();
        await ShowsAsync(admin, "serving", "node", "edge-1");
        await using var watch = Relayctl(admin, "drain", "edge-1", "--immediate", "--deadline", "10m", "--watch");
        await watch.Log.WaitForAsync("1 left, 0 finished", Limits.Exchange);
        // What ends before the node has begun to count is none of the drain's.
        await ShowsAsync(admin, "\"progress\"", "drains", "--json");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        target.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.True(await watch.WaitForExitAsync(Limits.Exchange) == 0, watch.Log.Describe());
        Assert.True(
            watch.Log.Lines.Any(static line => line.Contains(
                "completed: 1 of 1 node drained, 0 left, 1 finished, 0 force-closed", StringComparison.Ordinal)),
            watch.Log.Describe() + world.Relay.Log.Describe());

        await using (var undrain = Relayctl(admin, "undrain", "edge-1"))
            Assert.True(await undrain.WaitForExitAsync(Limits.Exchange) == 0, undrain.Log.Describe());
        await world.Relay.Log.WaitForAsync("serving again", Limits.Exchange);
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task RelayctlDrainWatch_WhenTheDeadlineEndsATunnel_SaysSoWithItsStatus()
    {
        var admin = $"127.0.0.1:{Ports.FreeTcp()}";
        await using var world =
            await TunnelWorld.StartAsync("--fleet", "local", "--node-id", "edge-1", "--admin-address", admin);
        _ = await world.OpenAsync();
        await using var watch = Relayctl(admin, "drain", "edge-1", "--immediate", "--deadline", "1s", "--watch");
        Assert.True(await watch.WaitForExitAsync(Limits.Exchange) == 4, watch.Log.Describe());
        Assert.Contains(
            watch.Log.Lines, static line => line.Contains("0 finished, 1 force-closed", StringComparison.Ordinal));
        await world.Relay.StopAsync();
    }

    // The node's reports come when they come.
    private static async Task ShowsAsync(string admin, string text, params string[] arguments)
    {
        while (true)
        {
            await using var run = Relayctl(admin, arguments);
            if (await run.WaitForExitAsync(Limits.Exchange) == 0
                && run.Log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
                return;
        }
    }

    private static string[] SiloOf(string fleet) => fleet == "silo"
        ? ["--silo-address", $"127.0.0.1:{Ports.FreeTcp()}"]
        : [];

    private static ChildProcess Relayctl(string admin, params string[] arguments) =>
        OwnProgram.Start("relayctl", [.. arguments, "--server", $"http://{admin}"]);
}
