using System.Globalization;
using System.Text;
using Relay.Ctl.Output;
using Relay.Ctl.Tests.World;
using Relay.Dashboard.Tests.World;
using Relay.Fleet;

namespace Relay.Ctl.Tests;

/// <summary>Text from elsewhere that a terminal, or the library that draws tables, would take for more than text.</summary>
public sealed class HostileTextTests
{
    private const string Hostile = "\u001b]0;title\u0007[red]\u009b31m\u202Ereversed[/][link=x]";

    [Theory]
    [InlineData("plain text, grüße, 東京, 👍", "plain text, grüße, 東京, 👍")]
    [InlineData("\u001b[2J", @"\u001b[2J")]
    [InlineData("a\nb\tc", @"a\u000ab\u0009c")]
    [InlineData("\u202Etxt.exe", @"\u202etxt.exe")]
    [InlineData("lone \uD83D half", @"lone \ud83d half")]
    [InlineData("", "")]
    public void SafeText_EscapesWhatATerminalWouldObey(string text, string expected) =>
        Assert.Equal(expected, SafeText.Of(text));

    [Fact]
    public async Task EveryCommand_WithHostileAnswers_WritesNoControlCharacter()
    {
        // As if a coordinator had been taken over: it gives what a real one would not take.
        var node = $$"""
            {"id":"{{Json}}","state":"serving","version":"{{Json}}","startedAt":"2026-01-01T00:00:00Z",
             "lastReportAt":"2026-01-01T00:00:00Z","warnings":["{{Json}}"],"addresses":["{{Json}}"],"notReady":["{{Json}}"],
             "egress":["{{Json}}"],"drainId":"{{Json}}"}
            """;
        var drain = $$"""
            {"id":"{{Json}}","state":"running","createdAt":"2026-01-01T00:00:00Z","reason":"{{Json}}","holdup":"{{Json}}",
             "maxConcurrent":1,"nodes":[{"node":"{{Json}}","step":"waiting"}]}
            """;
        var session = $$"""
            {"id":"{{Json}}","node":"{{Json}}","identity":"{{Json}}","startedAt":"2026-01-01T00:00:00Z","egressAddresses":["{{Json}}"]}
            """;
        (string Body, string[] Arguments)[] cases =
        [
            ($$"""{"items":[{{node}}]}""", ["nodes"]), (node, ["node", "x"]),
            ($$"""{"items":[{{drain}}]}""", ["drains"]), (drain, ["drains", "show", "x"]), (drain, ["drain", "x"]),
            ($$"""{"items":[{{session}}]}""", ["sessions"]), (session, ["sessions", "show", "x"]),
            ($$"""{"coordination":"{{Json}}","clusterId":"{{Json}}","warnings":[{"kind":"x","text":"{{Json}}"}]}""", ["fleet"]),
            ($$$"""{"items":[{"identity":"{{{Json}}}","limit":{}}]}""", ["limits"]),
            (node, ["node", "x", "--json"]),
        ];
        foreach (var (body, arguments) in cases)
        {
            await using var server = new CannedServer(Answer("200 OK", body));
            var run = (await Relayctl.RunAsync([], default, [.. arguments, "--server", server.Address])).Done();
            AssertHarmless(run);
            Assert.Contains(arguments.Contains("--json") ? "[red]" : @"\u001b]0;title\u0007[red]\u009b31m\u202ereversed[/][link=x]",
                run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusal_WithHostileWords_WritesNoControlCharacter()
    {
        await using var server = new CannedServer(
            Answer("400 Bad Request", $$$"""{"detail":"{{{Json}}}","errors":{"{{{Json}}}":["{{{Json}}}"]}}"""));
        var run = await Relayctl.RunAsync([], default, "pools", "put", "x", "192.0.2.0/24", "28", "--server", server.Address);
        Assert.Equal(1, run.Status);
        AssertHarmless(run);
    }

    [Fact]
    public async Task Identity_OfARealSession_IsShownAsTyped()
    {
        await using var world = await FleetWorld.StartAsync();
        var node = world.Add("edge-1");
        node.Open(SampleFleet.Session("one", "credential:[bold]x[/]", "192.0.2.1"));
        await world.StepAsync();
        Assert.Contains("credential:[bold]x[/]", (await Relayctl.RunAsync(world, "sessions")).Done().Output, StringComparison.Ordinal);
    }

    private static string Json { get; } =
        string.Concat(Hostile.Select(static c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));

    private static string Answer(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static void AssertHarmless(CtlRun run)
    {
        var unsafeCharacters = (run.Output + run.Error).Where(static c =>
            c is not '\n' and not '\r' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format);
        Assert.Empty(unsafeCharacters.Where(static c => c is not '\n' and not '\r'));
    }
}
