using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Ctl.Output;
using Relay.Ctl.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

/// <summary>
/// Text from elsewhere that a terminal, or the library that draws tables, would take for more than text.
/// </summary>
public sealed class HostileTextTests
{
    private const string Hostile = "\u001b]0;title\u0007[red]\u009b31m\u202Ereversed[/][link=x]";

    [Theory]
    [InlineData("plain text, grüße, 東京, 👍", "plain text, grüße, 東京, 👍")]
    [InlineData("\u001b[2J", @"\u001b[2J")]
    [InlineData("a\nb\tc", @"a\u000ab\u0009c")]
    [InlineData("\u202Etxt.exe", @"\u202etxt.exe")]
    [InlineData("", "")]
    public void SafeText_EscapesWhatATerminalWouldObey(string text, string expected) =>
        Assert.Equal(expected, SafeText.Of(text));

    // Not an InlineData: what is no UTF-16 does not survive in an attribute.
    [Fact]
    public void SafeText_EscapesHalfACharacter() => Assert.Equal(@"lone \ud83d half", SafeText.Of("lone \uD83D half"));

    [Fact]
    public async Task EveryCommand_WithHostileAnswers_WritesNoControlCharacter()
    {
        // As if a coordinator had been taken over: it gives what a real one would not take.
        var at = DateTimeOffset.UnixEpoch;
        var node = Json(FleetJson.Of<NodeInfo>(), new NodeInfo
        {
            Id = Hostile,
            State = NodeState.Serving,
            Version = Hostile,
            StartedAt = at,
            LastReportAt = at,
            DrainId = Hostile,
            Warnings = [Hostile],
            NotReady = [Hostile],
            Addresses = [Hostile],
            Egress = [Hostile],
        });
        var drain = Json(FleetJson.Of<DrainInfo>(), new DrainInfo
        {
            Id = Hostile,
            State = DrainState.Running,
            CreatedAt = at,
            Reason = Hostile,
            Holdup = Hostile,
            MaxConcurrent = DrainBudget.Nodes(1),
            Nodes = [new DrainNodeInfo { Node = Hostile, Step = DrainStep.Waiting }],
        });
        var session = Json(FleetJson.Of<SessionRecord>(), new SessionRecord
        {
            Id = Hostile,
            Node = Hostile,
            Identity = Hostile,
            StartedAt = at,
            EgressAddresses = [Hostile],
        });
        var fleet = Json(FleetJson.Of<FleetOverview>(), new FleetOverview
        {
            Coordination = Hostile,
            ClusterId = Hostile,
            Warnings = [new FleetWarning("x", Hostile)],
        });
        var limit = Json(
            FleetJson.Of<LimitRule>(), new LimitRule { Identity = Hostile, Limit = new IdentityLimit() });
        (string Body, string[] Arguments)[] cases =
        [
            (List(node), ["nodes"]), (node, ["node", "x"]), (List(drain), ["drains"]), (drain, ["drains", "show", "x"]),
            (drain, ["drain", "x"]), (List(session), ["sessions"]), (session, ["sessions", "show", "x"]),
            (fleet, ["fleet"]),
            (List(limit), ["limits"]), (node, ["node", "x", "--json"]),
        ];
        foreach (var (body, arguments) in cases)
        {
            await using var server = new CannedServer(Answer("200 OK", body));
            var run = (await Relayctl.RunAsync([], default, [.. arguments, "--server", server.Address])).Done();
            AssertHarmless(run);
            Assert.Contains(arguments.Contains("--json")
                ? "[red]"
                : @"\u001b]0;title\u0007[red]\u009b31m\u202ereversed[/][link=x]",
                run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusal_WithHostileWords_WritesNoControlCharacter()
    {
        var hostile = JsonSerializer.Serialize(Hostile);
        await using var server = new CannedServer(
            Answer("400 Bad Request", $$$"""{"detail":{{{hostile}}},"errors":{{{{hostile}}}:[{{{hostile}}}]}}"""));
        var run = await Relayctl.RunAsync(
            [], default, "pools", "put", "x", "192.0.2.0/24", "28", "--server", server.Address);
        Assert.Equal(1, run.Status);
        AssertHarmless(run);
    }

    [Fact]
    public async Task Identity_OfARealSession_IsShownAsTyped()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var node = world.Add("edge-1");
        node.Open(SampleFleet.Session("one", "credential:[bold]x[/]", "192.0.2.1"));
        await world.StepAsync();
        Assert.Contains("credential:[bold]x[/]", (await Relayctl.RunAsync(world, "sessions"))
            .Done().Output, StringComparison.Ordinal);
    }

    private static string Json<T>(JsonTypeInfo<T> type, T value) => JsonSerializer.Serialize(value, type);

    private static string List(string item) => $$"""{"items":[{{item}}]}""";

    private static string Answer(string status, string body) =>
        $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static void AssertHarmless(CtlRun run)
    {
        Assert.DoesNotContain(run.Output + run.Error, static c =>
            c is not '\n' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format);
    }
}
