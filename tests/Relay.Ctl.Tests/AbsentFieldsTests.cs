using System.Text;
using Relay.Ctl.Tests.World;

namespace Relay.Ctl.Tests;

/// <summary>Answers of another version's coordinator: nothing in them but what each must have.</summary>
public sealed class AbsentFieldsTests
{
    private const string Node = """
        {"id":"edge-1","state":"serving","version":"0.0.9","startedAt":"2026-01-01T00:00:00Z","lastReportAt":"2026-01-01T00:00:00Z"}
        """;

    private const string Drain =
        """{"id":"d1","state":"completed","createdAt":"2026-01-01T00:00:00Z","nodes":[{"node":"edge-1","step":"drained"}]}""";

    private const string Session = """{"id":"s1","identity":"anonymous","startedAt":"2026-01-01T00:00:00Z"}""";
    private const string Pool = """{"pool":{"name":"v4","prefix":"198.51.100.0/24","blockLength":28}}""";
    private const string Limit = """{"identity":"*","limit":{}}""";

    private const string Lease = """
        {"pool":"v4","prefix":"198.51.100.0/28","node":"edge-1","epoch":1,"state":"held","expiresAt":"2026-01-01T00:00:00Z"}
        """;

    private const string Event =
        """{"id":"e-1","at":"2026-01-01T00:00:00Z","kind":"drain","text":"drain d1 has ended"}""";

    public static TheoryData<string, string, string[]> Cases => new()
    {
        { """{"coordination":"local"}""", "nodes +none", ["fleet"] },
        { """{"coordination":"local"}""", "coordination +local: no high availability\n", ["fleet"] },
        { List(Node), "edge-1 +serving +0 +0 ", ["nodes"] },
        { """{"items":[]}""", "^$", ["nodes"] },
        { Node, "state +serving\nversion +0.0.9\naddresses +-\n", ["node", "edge-1"] },
        { Drain, "drain d1 of 1 node has begun", ["drain", "edge-1"] },
        { Drain, "completed: 0 of 1 node drained, 0 left", ["drain", "edge-1", "--watch"] },
        { Drain, "edge-1 is asked to serve again", ["undrain", "edge-1"] },
        { List(Drain), "d1 +completed +0/1 +0 ", ["drains"] },
        { Drain, "how +gradual, .*at most 1 out of service\n", ["drains", "show", "d1"] },
        { Drain, "edge-1 +drained", ["drains", "cancel", "d1"] },
        { List(Session), "s1 +anonymous +active +0 ", ["sessions"] },
        { Session, "node +-\n", ["sessions", "show", "s1"] },
        { Session, "s1 is ordered to end", ["sessions", "end", "s1"] },
        { List(Pool), "v4 +198.51.100.0/24 +/28 ", ["pools"] },
        { Pool, "version +-", ["pools", "show", "v4"] },
        { Pool, "free +0", ["pools", "put", "v4", "198.51.100.0/24", "28"] },
        { List(Lease), "198.51.100.0/28 +held +edge-1", ["pools", "leases", "v4"] },
        { Lease, "198.51.100.0/28", ["pools", "revoke", "v4", "198.51.100.0/28"] },
        { List(Limit), "\\* +- +- +-", ["limits"] },
        { Limit, "sessions +-\n", ["limits", "show", "*"] },
        { Limit, "tunnels +-\n", ["limits", "put", "*", "--tunnels", "1"] },
        { """{"windowSeconds":60}""", "window +1m\n", ["stats"] },
        { """{"windowSeconds":60,"nodes":[{"node":"edge-1","totals":{},"rates":{}}]}""", "edge-1 +0 B/s", ["stats"] },
        { """{"node":"edge-1","windowSeconds":60,"stepSeconds":10,"points":[{}]}""", "0 B/s +0 +0 +0 +-\n", ["nodes", "history", "edge-1"] },
        { List(Event), "drain +- +drain d1 has ended +-", ["history"] },
        { $"event: drain\ndata: {Event}\n\n", "drain +drain d1 has ended", ["events", "--count", "1"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Command_WithAnswersWithoutWhatMayBeAbsent_SaysWhatThereIs(
        string body, string expected, string[] arguments)
    {
        // A drain that has begun is accepted.
        await using var server = new CannedServer(Answer(body, arguments[0] == "drain" ? "202 Accepted" : "200 OK"));
        var run = (await Relayctl.RunAsync([], default, [.. arguments, "--server", server.Address])).Done();
        Assert.Matches(expected, run.Output);
        (await Relayctl.RunAsync([], default, [.. arguments, "--json", "--server", server.Address])).Done();
    }

    [Theory]
    [InlineData("{}", "nodes")]
    [InlineData("""{"items":null}""", "nodes")]
    [InlineData("""{"items":[{}]}""", "sessions")]
    [InlineData("""{"items":[{"identity":"*","limit":null}]}""", "limits")]
    [InlineData("""{"items":[null]}""", "drains")]
    [InlineData("""{"windowSeconds":60,"nodes":[{"node":"edge-1"}]}""", "stats")]
    [InlineData("null", "fleet")]
    public async Task Command_WithAnAnswerThatLacksWhatMakesItOne_SaysSo(string body, string command)
    {
        await using var server = new CannedServer(Answer(body));
        var run = await Relayctl.RunAsync([], default, command, "--server", server.Address);
        Assert.Equal(1, run.Status);
        Assert.Contains("the answer is not the admin API's", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    private static string List(string item) => $$"""{"items":[{{item}}]}""";

    private static string Answer(string body, string status = "200 OK") =>
        $"HTTP/1.1 {status}\r\nContent-Type: {(body.StartsWith('e') ? "text/event-stream" : "application/json")}\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
