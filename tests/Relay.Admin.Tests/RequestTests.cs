using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>Requests that are wrong, large, hostile.</summary>
public class RequestTests
{
    private static ScriptedFleet Fleet => new()
    {
        OnOverview = static () => new FleetOverview { Coordination = "local" },
        OnReport = static report => new NodeDirective { Sequence = report.Sequence },
        OnPutPool = static pool => FleetResult.Ok(new PrefixPoolInfo { Pool = pool }),
    };

    public static TheoryData<string, string[]> WrongDrains => new()
    {
        { "{}", ["nodes"] },
        { "{\"nodes\":[]}", ["nodes"] },
        { "{\"nodes\":\"node-1\"}", ["nodes"] },
        { "{\"nodes\":[\"a\",\"\",\"a\"]}", ["nodes[1]", "nodes[2]"] },
        { "{\"nodes\":[\"a\"],\"selector\":{}}", ["selector"] },
        { "{\"selector\":{\"version\":1,\"colour\":\"red\"}}", ["selector.colour", "selector.version"] },
        { "{\"selector\":7}", ["selector"] },
        {
            "{\"nodes\":[\"a\"],\"maxConcurrent\":0,\"deadlineSeconds\":-1,\"mode\":\"fast\",\"reson\":\"x\"}",
            ["deadlineSeconds", "maxConcurrent", "mode", "reson"]
        },
        { "{\"nodes\":[\"a\"],\"maxConcurrent\":\"101%\"}", ["maxConcurrent"] },
        { "{\"nodes\":[\"a\"],\"onLostNode\":\"never\"}", ["onLostNode"] },
        { "{\"nodes\":[\"a\"],\"deadlineSeconds\":1.5}", ["deadlineSeconds"] },
        { "{\"nodes\":[\"a\"],\"deadlineSeconds\":99999999999999999999}", ["deadlineSeconds"] },
        { "{\"nodes\":[\"a\"],\"deadlineSeconds\":\"60\"}", ["deadlineSeconds"] },
        { "{\"nodes\":[\"a\"],\"mode\":1}", ["mode"] },
        { "{\"nodes\":[\"a\"],\"reason\":\"one\\ntwo\"}", ["reason"] },
        { "{\"nodes\":[\"a\"],\"Nodes\":[\"a\"]}", ["Nodes"] },
        { "{\"nodes\":[\"a\"],\"nodes\":[\"b\"]}", ["nodes"] },
        { "[]", [""] },
        { "\"x\"", [""] },
        { "{\"nodes\":", [""] },
        { "{\"nodes\":[\"\\ud800\"]}", ["nodes"] },
        { new string('[', 100), [""] },
        { "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":1}}}}}}}}}", [""] },
    };

    [Theory]
    [MemberData(nameof(WrongDrains))]
    public async Task Bodies_Wrong_EachFieldIsNamed(string body, string[] fields)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Operator.PostJsonAsync("/v1/drains", body);
        Assert.Equal(fields, await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Bodies_InvalidUtf8_AreRefused()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var content = new ByteArrayContent([.. "{\"reason\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var answer = await app.Operator.PostAsync("/v1/drains", content);
        await answer.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Bodies_OtherMediaTypes_Are415(string? type)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var content = new ByteArrayContent("{\"nodes\":[\"a\"]}"u8.ToArray());
        if (type is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await app.Operator.PostAsync("/v1/drains", content);
        await answer.ProblemAsync(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bodies_TooLarge_Are413(bool isLengthKnown)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/drains")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{\"reason\":\"{new string('x', 70_000)}\"}}")),
        };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = !isLengthKnown;
        using var answer = await app.Operator.SendAsync(request);
        await answer.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Reports_Compressed_AreRead()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var answer = await SendCompressedAsync(app, Encoding.UTF8.GetBytes(ReportOf(9, unknown: true)));
        Assert.Equal(9, (long)(await answer.JsonAsync(HttpStatusCode.OK))["sequence"]!);
    }

    [Fact]
    public async Task Reports_CompressionBombs_Are413()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var answer = await SendCompressedAsync(app, Encoding.Latin1.GetBytes(new string(' ', 64 << 20)));
        await answer.ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("/v1/nodes/node-1/reports", "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/v1/nodes/node-1/reports", "gzip, gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/v1/nodes/node-1/reports", "gzip", HttpStatusCode.BadRequest)]
    public async Task Reports_OtherCodings_AreRefused(string path, string coding, HttpStatusCode status)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(ReportOf(1)));
        content.Headers.ContentType = new("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        using var answer = await app.Client("node-1").PostAsync(path, content);
        await answer.ProblemAsync(status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"node\":\"node-1\"}")]
    [InlineData("{\"node\":\"node-1\",\"incarnation\":\"x\",\"sequence\":1,\"state\":\"serving\"}")]
    [InlineData("{\"node\":\"node-1\",\"incarnation\":\"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11\",\"sequence\":1,\"state\":\"flying\"}")]
    public async Task Reports_Malformed_Are400(string body)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Client("node-1").PostJsonAsync("/v1/nodes/node-1/reports", body);
        await answer.ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/v1/fleet?x=1", new[] { "x" })]
    [InlineData("/v1/nodes?limit=0", new[] { "limit" })]
    [InlineData("/v1/nodes?limit=1001", new[] { "limit" })]
    [InlineData("/v1/nodes?limit=ten&cursor=", new[] { "cursor", "limit" })]
    [InlineData("/v1/nodes?Limit=5", new[] { "Limit" })]
    [InlineData("/v1/nodes?limit=1&limit=2", new[] { "limit" })]
    [InlineData("/v1/sessions?egress=example.com&at=yesterday&node=", new[] { "at", "egress", "node" })]
    [InlineData("/v1/sessions?egress=192.0.2.1&at=2026-01-31T12:00:00Z", new[] { "at" })]
    [InlineData("/v1/sessions?egress=192.0.2.1:0", new[] { "egress" })]
    [InlineData("/v1/sessions?egress=192.0.2.1:65536", new[] { "egress" })]
    [InlineData("/v1/stats?window=9", new[] { "window" })]
    [InlineData("/v1/stats?window=3601", new[] { "window" })]
    [InlineData("/v1/events?kind=weather", new[] { "kind" })]
    public async Task Queries_Wrong_EachParameterIsNamed(string path, string[] names)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Viewer.GetAsync(path);
        Assert.Equal(names, await answer.WrongFieldsAsync());
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/v1/fleet", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/v1/nodes/node-1", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/v1/nodes/node-1/drain", HttpStatusCode.MethodNotAllowed)]
    public async Task Paths_Unknown_AreProblems(string method, string path, HttpStatusCode status)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Operator.SendJsonAsync(new HttpMethod(method), path, null);
        await answer.ProblemAsync(status);
        if (status == HttpStatusCode.MethodNotAllowed)
            Assert.NotEmpty(answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/v1/prefix-pools/UPPER", "name")]
    [InlineData("/v1/prefix-pools/a%2Fb", "name")]
    [InlineData("/v1/prefix-pools/%0A", "name")]
    [InlineData("/v1/limits/alice", "identity")]
    [InlineData("/v1/limits/credential:", "identity")]
    [InlineData("/v1/limits/credential:a%0Ab", "identity")]
    public async Task Names_Wrong_AreNamed(string path, string field)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Operator.SendJsonAsync(
            HttpMethod.Put, path, "{\"prefix\":\"10.0.0.0/24\",\"blockLength\":28}");
        Assert.Equal([field], await answer.WrongFieldsAsync());
    }

    [Theory]
    [InlineData("{\"prefix\":\"10.0.0.1/24\",\"blockLength\":28}", new[] { "prefix" })]
    [InlineData("{\"prefix\":\"10.0.0.0/24\",\"blockLength\":23}", new[] { "blockLength" })]
    [InlineData("{\"prefix\":\"10.0.0.0/24\",\"blockLength\":31}", new[] { "blockLength" })]
    [InlineData("{\"prefix\":\"10.0.0.0/31\",\"blockLength\":31}", new[] { "prefix" })]
    [InlineData("{\"prefix\":\"2001:db8::/32\",\"blockLength\":53}", new[] { "blockLength" })]
    [InlineData("{\"prefix\":\"2001:db8::/120\",\"blockLength\":125}", new[] { "blockLength" })]
    [InlineData("{\"name\":\"p\"}", new[] { "blockLength", "name", "prefix" })]
    public async Task Pools_Wrong_EachFieldIsNamed(string body, string[] fields)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Operator.SendJsonAsync(HttpMethod.Put, "/v1/prefix-pools/p", body);
        Assert.Equal(fields, await answer.WrongFieldsAsync());
    }

    [Theory]
    [InlineData("{}", new[] { "" })]
    [InlineData("{\"sessions\":-1,\"tunnels\":\"many\",\"bytesPerSecond\":9007199254740992,\"speed\":1}",
        new[] { "bytesPerSecond", "sessions", "speed", "tunnels" })]
    public async Task Limits_Wrong_EachFieldIsNamed(string body, string[] fields)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Operator.SendJsonAsync(HttpMethod.Put, "/v1/limits/*", body);
        Assert.Equal(fields, await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Requests_MoreThanTheRate_Are429()
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { RequestsPerSecond = 1, RequestBurst = 3 });
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 20; i++)
            statuses.Add((await app.Viewer.GetAsync("/v1/fleet")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, statuses[0]);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        // Somebody else's account is another one.
        using var other = await app.Operator.GetAsync("/v1/fleet");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    // A flood of strangers behind the kubelet's own address must not have it restart the coordinator.
    [Fact]
    public async Task Probes_AmongAFloodFromTheirAddress_AreAnswered()
    {
        var fleet = Fleet;
        fleet.IsMember = true;
        await using var app = await AdminApp.StartAsync(
            fleet, static config => config with { RequestsPerSecond = 1, RequestBurst = 3 });
        var stranger = app.Client(null);
        while ((await stranger.GetAsync("/")).StatusCode != HttpStatusCode.TooManyRequests)
        {
        }
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/livez")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("/readyz")).StatusCode);
        }
    }

    // What no hexadecimal number of 63 bits is, and what ends before it is one.
    [Theory]
    [InlineData("/v1/drains", "otto", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\r\n")]
    [InlineData("/v1/drains", "otto", "FFFFFFFF\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "7FFFFFFF\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "80000000\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "FFFFFFFFFFFFFFFF\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "-1\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "x\r\n{}\r\n")]
    [InlineData("/v1/drains", "otto", "2\r\n{}xx")]
    [InlineData("/v1/nodes/node-1/reports", "node-1", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\r\n")]
    [InlineData("/v1/nodes/node-1/reports", "node-1", "0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Chunks_WhoseSizeIsNone_Are400(string path, string name, string body)
    {
        await using var app = await AdminApp.StartAsync(Fleet);

        var answer = await AskRawAsync(app, $"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {app.Tokens[name]}\r\n"
            + $"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}");

        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, static line => line.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET /v1/fleet HTTP/1.1\r\n\r\n")]
    [InlineData("POST /v1/drains HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    public async Task Bytes_NotHttp_LeaveTheHostWell(string bytes)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        await AskRawAsync(app, bytes, SocketShutdown.Send);
        using var answer = await app.Viewer.GetAsync("/v1/fleet");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<string> AskRawAsync(AdminApp app, string bytes, SocketShutdown? end = null)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(app.Host.Address);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        if (end is { } how)
            socket.Shutdown(how);
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        while (await socket.ReceiveAsync(buffer) is > 0 and var length)
            answer.Append(Encoding.Latin1.GetString(buffer, 0, length));
        return answer.ToString();
    }

    private static string ReportOf(long sequence, bool unknown = false) => $$"""
        {"node":"node-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":{{sequence}},"state":"serving"{{(unknown ? ",\"later\":[1]" : "")}}}
        """;

    private static async Task<HttpResponseMessage> SendCompressedAsync(AdminApp app, byte[] body)
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            await gzip.WriteAsync(body);
        var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return await app.Client("node-1").PostAsync("/v1/nodes/node-1/reports", content);
    }
}
