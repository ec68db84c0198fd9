using System.Text.RegularExpressions;
using Relay.Ctl.Cli;
using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

/// <summary><c>users enrol</c>: the link, and the code that a camera reads off the terminal.</summary>
public sealed partial class EnrolTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Link_IsTold_WithItsCode_AndIsThePagesOfTheUser()
    {
        await using var world = await WorldAsync();

        var run = (await Relayctl.RunAsync(world, "users", "enrol", "alice", "--device", "phone")).Done();

        Assert.DoesNotContain('\u001b', run.Output);
        var url = Url().Match(run.Output).Value;
        Assert.Matches("^Whoever opens this gets a device of alice, once, until 20", run.Lines[0]);
        Assert.Equal(url, run.Lines[1]);
        Assert.Equal("phone", Assert.Single(await world.Fleet.ListEnrolmentsAsync(default)).Device);
        using var browser = new HttpClient();
        Assert.Contains("alice", await browser.GetStringAsync(url), StringComparison.Ordinal);
        Assert.Equal(url, await QrReader.ReadAsync([.. run.Output.Split('\n').Where(IsOfCode)], isBlockDark: true, _folder));
    }

    [Theory]
    [InlineData("enrol")]
    [InlineData("enroll")]
    public async Task Code_OnATerminal_HasItsOwnColours_WhateverThoseOfTheTerminalAre(string command)
    {
        await using var world = await WorldAsync();
        await using var output = new WatchedWriter();
        using var input = new StringReader("");
        var environment = new CtlEnvironment(
            name => name == "RELAY_ADMIN_URL" ? world.Address.AbsoluteUri : null, output, TextWriter.Null, IsTerminal: true, input);

        Assert.Equal(0, await CtlProgram.RunAsync(["users", command, "alice"], environment, default));

        // Black on white by numbers that no theme changes, and each line back to what the terminal has.
        var lines = output.ToString().Split('\n').SkipWhile(static line => !line.StartsWith("\u001b[38;5;16;", StringComparison.Ordinal))
            .TakeWhile(static line => line.Length > 0).ToArray();
        Assert.All(lines, static line => Assert.Matches("^\u001b\\[38;5;16;48;5;231m[ █▀▄]+\u001b\\[0m$", line));
        var url = Url().Match(output.ToString()).Value;
        Assert.Equal(url, await QrReader.ReadAsync(
            [.. lines.Select(static line => Regex.Replace(line, "\u001b\\[[0-9;]*m", ""))], isBlockDark: true, _folder));
    }

    [Fact]
    public async Task Json_IsTheApis()
    {
        await using var world = await WorldAsync();
        var link = (await Relayctl.RunAsync(world, "users", "enrol", "alice", "--json")).Done().Json;
        Assert.Equal(["url", "expiresAt", "qrText", "qrSvg"], link.AsObject().Select(static field => field.Key));
    }

    [Fact]
    public async Task User_WhoIsNotThere_OrIsDisabled_IsRefused()
    {
        await using var world = await WorldAsync();
        await world.Fleet.PutUserAsync(new User { Name = "bob", IsDisabled = true }, null, default);
        var nobody = await Relayctl.RunAsync(world, "users", "enrol", "nobody");
        var disabled = await Relayctl.RunAsync(world, "users", "enrol", "bob");
        Assert.Equal((1, 1), (nobody.Status, disabled.Status));
        Assert.Contains("there is no user nobody", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("user bob is disabled", disabled.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<FleetWorld> WorldAsync()
    {
        var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        await world.Fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        return world;
    }

    private static bool IsOfCode(string line) => line.AsSpan().ContainsAny('█', '▀', '▄') || line.Length > 30 && line.Trim().Length == 0;

    [GeneratedRegex("http://[0-9.:]+/enroll/[A-Za-z0-9_-]{43}")]
    private static partial Regex Url();
}
