using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Relay.Admin.Connections;
using Relay.Admin.Diagnostics;
using Relay.Admin.Identity;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>Connections that strangers hold open.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly ManualTime _clock = new();
    private readonly List<Socket> _sockets = [];

    private static ScriptedFleet Fleet => new()
    {
        OnOverview = static () => new FleetOverview { Coordination = "local" },
        OnReport = static report => new NodeDirective { Sequence = report.Sequence },
    };

    [Theory]
    [InlineData("")]
    [InlineData("GET /livez HTTP/1.1\r\n")]
    public async Task Connection_WithoutARequest_IsClosedAfterTwentySeconds(string bytes)
    {
        await using var app = await AdminApp.StartAsync(Fleet, clock: _clock);
        var before = _clock.ActiveTimers;
        var socket = await ConnectAsync(app);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        await Eventually.HoldsAsync(() => Task.FromResult(_clock.ActiveTimers > before), "the time of the first request to run");
        _clock.Advance(TimeSpan.FromSeconds(21));
        await EndAsync(socket);
    }

    [Fact]
    public async Task Connection_WithARequest_StaysForTheNext()
    {
        await using var app = await AdminApp.StartAsync(Fleet, clock: _clock);
        var socket = await ConnectAsync(app);
        Assert.Contains("200 OK", await AskAsync(socket, "/livez"), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(21));
        Assert.Contains("200 OK", await AskAsync(socket, "/livez"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_OfOneSource_MakeRoomForItsNewest()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var oldest = await ConnectAsync(app);
        for (var i = 0; i < new AdminConfig().ConnectionsPerSource; i++)
            await ConnectAsync(app);
        await EndAsync(oldest);
        Assert.Contains("200 OK", await AskAsync(_sockets[^1], "/livez"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_OfStrangers_TakeNoneFromWhoHasAToken()
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { MaxConnections = 16, ConnectionsPerSource = 4 });
        var known = await ConnectAsync(app);
        Assert.Contains("200 OK", await AskAsync(known, "/v1/fleet", app.Tokens["vera"]), StringComparison.Ordinal);
        var first = await ConnectAsync(app, "127.0.1.1");
        // As many as there may be, from many places, and once more.
        for (var i = 0; i < 32; i++)
            await ConnectAsync(app, $"127.0.2.{1 + i}");
        await EndAsync(first);
        Assert.Contains("200 OK", await AskAsync(known, "/v1/fleet", app.Tokens["vera"]), StringComparison.Ordinal);
        var newest = await ConnectAsync(app);
        Assert.Contains("200 OK", await AskAsync(newest, "/v1/fleet", app.Tokens["otto"]), StringComparison.Ordinal);
    }

    /// <summary>Two of three coordinators are away: all nodes are at the one that is left, and who looks what is wrong is there as well.</summary>
    [Fact]
    public async Task Connections_OfAllNodesThatAFleetMayHave_HaveRoomAtOneCoordinator()
    {
        var (refusals, end) = (new Refusals(), new TaskCompletionSource());
        var limits = new ConnectionLimits(new AdminConfig(), refusals, _clock);
        List<Task> served = [];
        for (var i = 0; i < NodeRegistry.MaxNodes + 1000; i++)
        {
            var context = new DefaultConnectionContext();
            served.Add(limits.ServeAsync(context, _ => end.Task));
            limits.OnRequest(
                context.Features.Get<ClientConnection>()!, new Account(AccountKind.Node, $"edge-{i.ToString(CultureInfo.InvariantCulture)}"));
        }

        Assert.Equal(0, refusals.Of(Refusal.Connections));
        end.SetResult();
        await Task.WhenAll(served);
    }

    [Fact]
    public async Task Connections_OfOneToken_TakeNoneFromAnother()
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { MaxConnections = 16, ConnectionsPerSource = 4 });
        var other = await ConnectAsync(app);
        Assert.Contains("200 OK", await AskAsync(other, "/v1/fleet", app.Tokens["otto"]), StringComparison.Ordinal);
        var first = await ConnectAsync(app);
        await AskAsync(first, "/v1/fleet", app.Tokens["vera"]);
        for (var i = 0; i < 16; i++)
            await AskAsync(await ConnectAsync(app), "/v1/fleet", app.Tokens["vera"]);
        await EndAsync(first);
        Assert.Contains("200 OK", await AskAsync(other, "/v1/fleet", app.Tokens["otto"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_OfAnEventStream_IsNotStillWhileItIsWritten()
    {
        var happened = new TaskCompletionSource<EventBatch>();
        var fleet = Fleet;
        fleet.OnReadEvents = (position, _) => new(position is null ? happened.Task : new TaskCompletionSource<EventBatch>().Task);
        await using var app = await AdminApp.StartAsync(fleet, static config => config with { ConnectionsPerSource = 4 }, _clock);
        var stream = await ConnectAsync(app);
        Assert.Contains("200 OK", await AskAsync(stream, "/v1/events", app.Tokens["vera"]), StringComparison.Ordinal);
        var still = await ConnectAsync(app);
        await AskAsync(still, "/v1/fleet", app.Tokens["vera"]);
        for (var i = 0; i < 2; i++)
            await AskAsync(await ConnectAsync(app), "/v1/fleet", app.Tokens["vera"]);

        happened.SetResult(new EventBatch([], "run-1", HasGap: false));
        for (var read = ""; !read.Contains("run-1", StringComparison.Ordinal);)
        {
            var bytes = new byte[4096];
            var count = await stream.ReceiveAsync(bytes);
            Assert.NotEqual(0, count);
            read += Encoding.Latin1.GetString(bytes, 0, count);
        }
        await AskAsync(await ConnectAsync(app), "/v1/fleet", app.Tokens["vera"]);

        await EndAsync(still);
    }

    [Theory]
    [InlineData("/livez", null, "200")]
    [InlineData("/v1/fleet", "otto", "404")]
    [InlineData("/", null, "404")]
    [InlineData("/v1/drains/none", "node-1", "503")]
    public async Task ReportAddress_AnswersNodesAlone(string path, string? token, string status)
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { ReportAddress = new IPEndPoint(IPAddress.Loopback, 0) });
        var socket = await ConnectAsync(app.Host.ReportAddress!);
        Assert.Contains($"HTTP/1.1 {status}", await AskAsync(socket, path, token is null ? null : app.Tokens[token]),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReportAddress_IsOutOfReachOfAFloodOfTheOther()
    {
        await using var app = await AdminApp.StartAsync(Fleet, static config => config with
        {
            ReportAddress = new IPEndPoint(IPAddress.Loopback, 0),
            MaxConnections = 8,
            ConnectionsPerSource = 2,
        });
        var node = await ConnectAsync(app.Host.ReportAddress!);
        for (var i = 0; i < 16; i++)
            await ConnectAsync(app);
        await EndAsync(_sockets[1]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{app.Host.ReportAddress}") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", app.Tokens["node-1"]);
        using var answer = await client.PostJsonAsync("/v1/nodes/node-1/reports",
            """{"node":"node-1","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("200 OK", await AskAsync(node, "/livez"), StringComparison.Ordinal);
    }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private Task<Socket> ConnectAsync(AdminApp app, string from = "127.0.0.1") => ConnectAsync(app.Host.Address, from);

    private async Task<Socket> ConnectAsync(IPEndPoint address, string from = "127.0.0.1")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(address);
        return socket;
    }

    private static async Task<string> AskAsync(Socket socket, string path, string? token = null)
    {
        var field = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        await socket.SendAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n"));
        var answer = "";
        var bytes = new byte[64 << 10];
        while (!IsWhole(answer))
        {
            var count = await socket.ReceiveAsync(bytes);
            Assert.NotEqual(0, count);
            answer += Encoding.Latin1.GetString(bytes, 0, count);
        }
        return answer;
    }

    // What a stream of events answers has no end: of that the head is enough.
    private static bool IsWhole(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var (head, body) = (answer[..end], answer[(end + 4)..]);
        if (head.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
            return true;
        return Regex.Match(head, @"^Content-Length: (\d+)\r?$", RegexOptions.Multiline | RegexOptions.IgnoreCase) is { Success: true } length
            ? body.Length >= int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture)
            : body.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) || body == "0\r\n\r\n";
    }

    // Shorter than the two minutes that a connection may be still.
    private static async Task EndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (await socket.ReceiveAsync(new byte[4096], patience.Token) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Ended as well.
        }
    }
}
