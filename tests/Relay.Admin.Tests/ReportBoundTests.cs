using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Http;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>What the reports of one node may cost a coordinator.</summary>
public class ReportBoundTests
{
    private const string Path = "/v1/nodes/node-1/reports";

    private readonly ManualTime _clock = new();

    // Twenty in a row are none of three a second, however slow the machine is.
    [Fact]
    public async Task Reports_MoreThanThreeASecond_Are429()
    {
        await using var app = await StartAsync(static config => config with
        {
            ReportsPerSecond = new AdminConfig().ReportsPerSecond,
            ReportBurst = new AdminConfig().ReportBurst,
        });
        var statuses = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var answer = await app.Client("edge-*").PostJsonAsync(
                "/v1/nodes/edge-1/reports", Report().Replace("node-1", "edge-1", StringComparison.Ordinal));
            return answer.StatusCode;
        }));
        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        using var other = await app.Client("node-1").PostJsonAsync(Path, Report());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Reports_UnderNamesThatATokenInvents_ShareOneAccount()
    {
        await using var app = await StartAsync(static config => config with { RequestsPerSecond = 1, RequestBurst = 5 });
        Assert.Equal(HttpStatusCode.OK, await SendAsync("edge-0"));

        var statuses = await Task.WhenAll(Enumerable.Range(1, 100).Select(i => SendAsync($"edge-{i}")));

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        // Who was answered there before has one of its own.
        Assert.Equal(HttpStatusCode.OK, await SendAsync("edge-0"));

        async Task<HttpStatusCode> SendAsync(string node)
        {
            using var answer = await app.Client("edge-*").PostJsonAsync(
                $"/v1/nodes/{node}/reports", Report().Replace("node-1", node, StringComparison.Ordinal));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Reports_OfANodeThatIsNotAnsweredYet_Are429()
    {
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(answer: async _ =>
        {
            begun.TrySetResult();
            await end.Task;
        });
        var first = app.Client("node-1").PostJsonAsync(Path, Report());
        await begun.Task;
        using (var second = await app.Client("node-1").PostJsonAsync(Path, Report()))
        {
            await second.ProblemAsync(HttpStatusCode.TooManyRequests);
            Assert.NotNull(second.Headers.RetryAfter);
        }
        end.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        using var third = await app.Client("node-1").PostJsonAsync(Path, Report());
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    public static TheoryData<string> TooMuch =>
    [
        Report($"\"warnings\":[\"{new string('x', 300 << 10)}\"]"),
        Report(new string(' ', 300 << 10) + "\"later\":1"),
        Report($"\"{new string('x', 300 << 10)}\":1"),
        Report($"\"sessions\":{{\"ended\":[\"{new string('x', 1 << 20)}\"]}}"),
        Report($"\"warnings\":[{string.Join(',', Enumerable.Repeat($"\"{new string('x', 500)}\"", 600))}]"),
        Report($"\"later\":[{string.Join(',', Enumerable.Repeat("{}", 80_000))}]"),
        Report($"\"sessions\":{{\"changed\":[{string.Join(',', Enumerable.Repeat("{}", 1_000_000))}]}}"),
        Report($"\"sessions\":{{}},\"later\":[{string.Join(',', Enumerable.Repeat("[]", 80_000))}]"),
    ];

    [Theory]
    [MemberData(nameof(TooMuch))]
    public async Task Reports_ThatHoldTooMuch_Are413(string body)
    {
        await using var app = await StartAsync();
        using (var plain = await app.Client("node-1").PostJsonAsync(Path, body))
            await plain.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        using var compressed = await SendCompressedAsync(app, body);
        await compressed.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Reports_WithAsManySessionsAsOneMayHold_AreTaken()
    {
        await using var app = await StartAsync();
        var session = new SessionRecord
        {
            Id = new string('s', 22),
            Node = "node-1",
            Identity = $"certificate:{new string('a', 64)}",
            StartedAt = DateTimeOffset.UnixEpoch,
            EgressAddresses = [.. Enumerable.Range(0, 8).Select(static i => $"2001:db8:1234:5678:9abc:def0:1234:{i}")],
        };
        var report = new NodeReport
        {
            Node = "node-1",
            Incarnation = Guid.NewGuid(),
            Sequence = 1,
            State = NodeState.Serving,
            Sessions = new SessionDelta { To = 9, Changed = [.. Enumerable.Repeat(session, SessionDelta.MaxChanges)] },
        };
        using var answer = await SendCompressedAsync(
            app, System.Text.Json.JsonSerializer.Serialize(report, FleetJson.Of<NodeReport>()));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Reports_OfManyBytes_WaitUntilTheyArePaidFor()
    {
        await using var app = await StartAsync();
        var ended = string.Join(',', Enumerable.Repeat($"\"{new string('x', 61)}\"", 48 << 10));
        var large = Report($"\"sessions\":{{\"changed\":[],\"ended\":[{ended}]}}");
        HttpResponseMessage answer;
        var taken = 0;
        while ((answer = await SendCompressedAsync(app, large)).StatusCode == HttpStatusCode.OK)
        {
            answer.Dispose();
            Assert.InRange(++taken, 0, 7);
        }
        await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
        var wait = answer.Headers.RetryAfter!.Delta!.Value;
        _clock.Advance(wait);
        using var later = await SendCompressedAsync(app, Report());
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task Reports_OfManyValuesInFewBytes_WaitUntilTheyArePaidFor()
    {
        await using var app = await StartAsync();
        var many = Report($"\"sessions\":{{\"changed\":[],\"later\":[{string.Join(',', Enumerable.Repeat("12", 200_000))}]}}");
        var taken = 0;
        while (true)
        {
            using var answer = await SendCompressedAsync(app, many);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
                break;
            }
            // By their bytes alone they would be 28.
            Assert.InRange(++taken, 0, 4);
        }
    }

    /// <summary>A small one is read once, and costs what it could hold: never less than what it holds.</summary>
    [Theory]
    [InlineData("{}", 2000)]
    [InlineData("0", 8000)]
    [InlineData("0", 20_000)]
    public async Task Reports_OfManyValuesInASmallBody_CostWhatTheirValuesDo(string value, int count)
    {
        var small = Encoding.UTF8.GetBytes(Report($"\"later\":[{string.Join(',', Enumerable.Repeat(value, count))}]"));
        var http = new DefaultHttpContext { Request = { Body = new MemoryStream(small), ContentType = "application/json" } };
        var scan = new ReportScan();

        await RequestBody.ReadBytesAsync(http, 1 << 20, isGzipAllowed: true, scan);

        Assert.Equal(small.Length, scan.Length);
        Assert.InRange(scan.Cost, count * 32, small.Length <= ReportBudget.MostOfSmall ? small.Length * 16 : (count + 10) * 32);
        // As many of them as a node may send are paid for.
        var config = new AdminConfig();
        Assert.InRange(config.ReportsPerSecond * ReportBudget.MostOfSmall * 16, 0, config.ReportBytesPerSecond);
    }

    [Fact]
    public async Task Reports_OfManyBytes_AreBoundedForAllNamesOfATokenAtASource()
    {
        await using var app = await StartAsync();
        var ended = string.Join(',', Enumerable.Repeat($"\"{new string('x', 61)}\"", 48 << 10));
        var large = Report($"\"sessions\":{{\"changed\":[],\"ended\":[{ended}]}}");
        var taken = 0;
        for (var i = 0; ; i++)
        {
            using var answer = await SendCompressedAsync(app, large, $"edge-{i}", "edge-*");
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
                break;
            }
            Assert.InRange(++taken, 0, 7 * ReportBudget.NodesOfToken);
        }
        // Those of its nodes that report as nodes do go on, whatever the others cost: small, and as they are.
        using var small = await app.Client("edge-*").PostJsonAsync(
            "/v1/nodes/edge-0/reports", Report().Replace("node-1", "edge-0", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        foreach (var length in (int[])[17 << 10, 64 << 10])
        {
            using var plain = await app.Client("edge-*").PostJsonAsync(
                "/v1/nodes/edge-0/reports", Report(new string(' ', length) + "\"later\":1").Replace("node-1", "edge-0", StringComparison.Ordinal));
            await plain.ProblemAsync(HttpStatusCode.TooManyRequests);
        }
        // Who has a token of its own goes on.
        using var own = await SendCompressedAsync(app, large);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    /// <summary>What is read at the same time is charged before it has been.</summary>
    [Fact]
    public async Task Reports_OfManyNamesAtOnce_AreBoundedBeforeTheyAreAnswered()
    {
        var end = new TaskCompletionSource();
        var begun = 0;
        await using var app = await StartAsync(answer: async _ =>
        {
            Interlocked.Increment(ref begun);
            await end.Task;
        });
        var ended = string.Join(',', Enumerable.Repeat($"\"{new string('x', 61)}\"", 48 << 10));
        var large = Report($"\"sessions\":{{\"changed\":[],\"ended\":[{ended}]}}");
        var sent = Enumerable.Range(0, 60).Select(i => SendCompressedAsync(app, large, $"edge-{i}", "edge-*")).ToList();

        var refused = await Task.WhenAny(sent);
        using (var answer = await refused)
            await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
        end.SetResult();
        var statuses = await Task.WhenAll(sent.Select(static async one => (await one).StatusCode));

        Assert.InRange(begun, 1, 7 * ReportBudget.NodesOfToken);
        Assert.Equal(begun, statuses.Count(static status => status == HttpStatusCode.OK));
    }

    /// <summary>
    /// A node of before there was this bound tells of each identity that has a limit, and would never be answered again.
    /// </summary>
    [Fact]
    public async Task Reports_OfAnOlderNodeWithManyIdentities_AreTaken()
    {
        await using var app = await StartAsync();
        var report = new NodeReport
        {
            Node = "node-1",
            Incarnation = Guid.NewGuid(),
            Sequence = 1,
            State = NodeState.Serving,
            Identities = [.. Enumerable.Range(0, 4096).Select(static i =>
                new IdentityUsage($"certificate:{i:x4}{new string('a', 240)}", 1234, 12345, 1234567890, true))],
        };
        using var answer = await SendCompressedAsync(
            app, System.Text.Json.JsonSerializer.Serialize(report, FleetJson.Of<NodeReport>()));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<AdminApp> StartAsync(Func<AdminConfig, AdminConfig>? change = null, Func<NodeReport, Task>? answer = null) =>
        AdminApp.StartAsync(new ScriptedFleet
        {
            OnReport = static report => new NodeDirective { Sequence = report.Sequence },
            OnReporting = answer,
        }, change, _clock);

    private static string Report(string more = "\"later\":1") => $$"""
        {"node":"node-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving",{{more}}}
        """;

    private static async Task<HttpResponseMessage> SendCompressedAsync(
        AdminApp app, string body, string node = "node-1", string token = "node-1")
    {
        body = body.Replace("node-1", node, StringComparison.Ordinal);
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return await app.Client(token).PostAsync(Path.Replace("node-1", node, StringComparison.Ordinal), content);
    }
}
