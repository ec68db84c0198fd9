using System.Diagnostics;
using Relay.Ctl.Cli;
using Relay.Ctl.Tests.World;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

/// <summary>Help, completion and mistakes.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("bogus")]
    [InlineData("nodes", "extra")]
    [InlineData("node")]
    [InlineData("events", "--kind", "weather")]
    [InlineData("sessions", "--limit", "0")]
    [InlineData("pools", "put", "x", "198.51.100.1/24", "28")]
    [InlineData("completion", "tcsh")]
    public async Task Mistake_EndsWithTwo(params string[] arguments)
    {
        var run = await Relayctl.RunAsync([], default, arguments);
        Assert.Equal(2, run.Status);
        Assert.Contains("relayctl: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistake_MadeTwice_IsSaidOnce_AndInOneLine()
    {
        var run = await Relayctl.RunAsync([], default, "nodes", "--bog\nus\u0007", "--bog\nus\u0007");
        Assert.Equal(2, run.Status);
        Assert.Equal(2, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain('\u0007', run.Error);
    }

    [Fact]
    public async Task Help_NamesEveryCommandAndExitStatusAndAsksNobody()
    {
        // Nothing listens there: help that asked for names would end differently.
        var run = (await Relayctl.RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = "http://127.0.0.1:1" }, default, "--help")).Done();
        foreach (var command in (string[])
            ["fleet", "nodes", "node", "drain", "undrain", "drains", "sessions", "pools", "limits", "stats", "events", "history",
                "profile", "health", "completion"])
            Assert.Contains($"\n  {command} ", run.Output, StringComparison.Ordinal);
        Assert.Contains("4 a drain that was", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _relayctl relayctl")]
    [InlineData("zsh", "compdef _relayctl relayctl")]
    [InlineData("fish", "complete -c relayctl")]
    public async Task Completion_GivesTheScriptOfAShell(string shell, string expected) =>
        Assert.Contains(expected, (await Relayctl.RunAsync([], default, "completion", shell))
            .Done().Output, StringComparison.Ordinal);

    [Fact]
    public async Task Completion_OffersCommandsOptionsAndNames()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        world.Add("edge-1");
        world.Add("edge-2");
        await world.StepAsync();
        Assert.Equal(["drain", "drains", "node", "nodes", "undrain"], await SuggestAsync(world, "relayctl d"));
        Assert.Equal(["cancel", "show"], (await SuggestAsync(world, "relayctl drains "))
            .Where(static s => !s.StartsWith('-') && !s.StartsWith('/')));
        Assert.Contains("--max-concurrent", await SuggestAsync(world, "relayctl drain --m"));
        // A coordinator that does not answer within a second, as on a busy machine, leaves the names out.
        _ = await Eventually.HoldsAsync(
            "the names that begin so", () => SuggestAsync(world, "relayctl drain edge"),
            static offered => offered.Where(static s => s.StartsWith("edge", StringComparison.Ordinal)).SequenceEqual(["edge-1", "edge-2"]));
        _ = await Eventually.HoldsAsync(
            "the name of a node", () => SuggestAsync(world, "relayctl node "), static offered => offered.Contains("edge-2"));
    }

    [Fact]
    public async Task Completion_WithoutACoordinator_StillOffersOptions()
    {
        var run = await Relayctl.RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = "http://127.0.0.1:1" }, default,
            "[suggest:15]", "relayctl drain ");
        Assert.Contains("--all", run.Lines);
    }

    [Fact]
    [Trait("Needs", "Processes")]
    public async Task Program_AsAProcess_EndsWithItsStatus()
    {
        var command = OwnProgram.Command("relayctl", "nodes", "--server", "http://127.0.0.1:1");
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(3, process.ExitCode);
        Assert.Contains("127.0.0.1:1 does not answer", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("1d", 86_400)]
    [InlineData("0s", 0)]
    public void Time_IsRead(string text, int seconds) => Assert.Equal(seconds, Values.Seconds("--deadline", text));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("5x")]
    [InlineData("30m1h")]
    [InlineData("5m5m")]
    [InlineData("-5m")]
    [InlineData("99999999999")]
    public void Time_ThatIsNone_IsRefused(string text) =>
        Assert.Throws<UsageException>(() => Values.Seconds("--deadline", text));

    private static async Task<string[]> SuggestAsync(FleetWorld world, string line) =>
        (await Relayctl.RunAsync(world, $"[suggest:{line.Length}]", line)).Lines;
}
