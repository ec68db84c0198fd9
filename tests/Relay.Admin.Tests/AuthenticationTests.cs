using System.Net.Http.Headers;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Hosting.Credentials;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>Who may do what.</summary>
public class AuthenticationTests
{
    private static ScriptedFleet Fleet => new()
    {
        OnOverview = static () => new FleetOverview { Coordination = "local" },
        OnGetNode = static _ => null,
        OnUndrain = static _ => FleetResult.Ok<DrainInfo?>(null),
        OnReport = static report => new NodeDirective { Sequence = report.Sequence },
    };

    private const string Report =
        """{"node":"NAME","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""";

    [Theory]
    [InlineData(null, "GET", "/v1/fleet", 401)]
    [InlineData("vera", "GET", "/v1/fleet", 200)]
    [InlineData(null, "GET", "/metrics", 401)]
    [InlineData("vera", "GET", "/metrics", 200)]
    [InlineData("node-1", "GET", "/metrics", 403)]
    [InlineData("otto", "GET", "/v1/fleet", 200)]
    [InlineData("node-1", "GET", "/v1/fleet", 403)]
    [InlineData(null, "POST", "/v1/nodes/node-1/undrain", 401)]
    [InlineData("vera", "POST", "/v1/nodes/node-1/undrain", 403)]
    [InlineData("otto", "POST", "/v1/nodes/node-1/undrain", 204)]
    [InlineData("node-1", "POST", "/v1/nodes/node-1/undrain", 403)]
    [InlineData("node-1", "POST", "/v1/nodes/node-1/drain", 404)]
    [InlineData("node-1", "POST", "/v1/nodes/node-2/drain", 403)]
    [InlineData("vera", "POST", "/v1/nodes/node-1/drain", 403)]
    [InlineData("node-1", "POST", "/v1/drains", 403)]
    [InlineData("node-1", "GET", "/v1/drains", 403)]
    [InlineData("node-1", "DELETE", "/v1/drains/d", 403)]
    [InlineData("vera", "POST", "/v1/drains", 403)]
    [InlineData("vera", "DELETE", "/v1/drains/d", 403)]
    [InlineData("vera", "DELETE", "/v1/sessions/s", 403)]
    [InlineData("vera", "PUT", "/v1/prefix-pools/p", 403)]
    [InlineData("vera", "DELETE", "/v1/prefix-pools/p", 403)]
    [InlineData("vera", "DELETE", "/v1/prefix-pools/p/leases/10.0.0.0/28", 403)]
    [InlineData("vera", "PUT", "/v1/limits/anonymous", 403)]
    [InlineData("vera", "DELETE", "/v1/limits/anonymous", 403)]
    [InlineData("node-1", "GET", "/v1/events", 403)]
    [InlineData(null, "GET", "/v1/nothing", 401)]
    [InlineData(null, "GET", "/livez", 200)]
    [InlineData(null, "GET", "/openapi/v1.json", 200)]
    public async Task Routes_Role_DecidesWhatIsAnswered(string? token, string method, string path, int status)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Client(token).SendJsonAsync(new HttpMethod(method), path, null);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status is 401 or 403)
        {
            await answer.ProblemAsync(answer.StatusCode);
            Assert.StartsWith("Bearer realm=", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("vera", "viewer")]
    [InlineData("otto", "operator")]
    public async Task Caller_IsToldWhoItIs_AndWhatItMayDo(string token, string role)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        Assert.Equal($$"""{"name":"{{token}}","role":"{{role}}"}""", await app.Client(token).GetStringAsync("/v1/caller"));
        using var node = await app.Client("node-1").GetAsync("/v1/caller");
        Assert.Equal(403, (int)node.StatusCode);
    }

    [Theory]
    [InlineData("node-1", "node-1", 200)]
    [InlineData("node-1", "node-2", 403)]
    [InlineData("edge-*", "edge-7", 200)]
    [InlineData("edge-*", "core-7", 403)]
    [InlineData("otto", "node-1", 403)]
    [InlineData("vera", "node-1", 403)]
    [InlineData(null, "node-1", 401)]
    public async Task Reports_Token_SpeaksOnlyForItsNodes(string? token, string node, int status)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Client(token).PostJsonAsync(
            $"/v1/nodes/{node}/reports", Report.Replace("NAME", node, StringComparison.Ordinal));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("node-1", "node-1", 200)]
    [InlineData("node-1", "node-2", 404)]
    [InlineData("edge-*", "edge-7", 200)]
    [InlineData("vera", "node-2", 200)]
    public async Task Drain_NodesToken_SeesThoseOfItsNodes(string token, string drained, int status)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet
        {
            OnGetNode = static _ => null,
            OnGetDrain = id => new DrainInfo
            {
                Id = id,
                State = DrainState.Running,
                CreatedAt = DateTimeOffset.UnixEpoch,
                Nodes = [new DrainNodeInfo { Node = drained, Step = DrainStep.Lame }],
            },
        });
        using var answer = await app.Client(token).GetAsync("/v1/drains/d");
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("edge-*", "edge-7", "127.0.0.1", 202)]
    [InlineData("edge-*", "edge-7", "192.0.2.9", 403)]
    [InlineData("node-1", "node-1", null, 202)]
    public async Task Drain_ByATokenOfManyNodes_IsOfTheOneThatReportsFromThere(string token, string node, string? source, int status)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet
        {
            OnGetNode = id => new NodeInfo
            {
                Id = id,
                State = NodeState.Serving,
                Version = "1",
                StartedAt = default,
                LastReportAt = default,
                Sender = source is null ? null : new ReportSender(token, source),
            },
            OnStartDrain = static request => FleetResult.Ok(new DrainInfo
            {
                Id = request.Id,
                State = DrainState.Running,
                CreatedAt = default,
                Nodes = [new DrainNodeInfo { Node = request.Nodes![0], Step = DrainStep.Lame }],
            }),
        });
        using var answer = await app.Client(token).PostJsonAsync($"/v1/nodes/{node}/drain", "{}");
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("edge-*", "edge-7", "127.0.0.1")]
    [InlineData("node-1", "node-1", null)]
    public async Task Reports_SenderInTheBody_IsWhoSendsIt(string token, string node, string? source)
    {
        ReportSender? told = null;
        await using var app = await AdminApp.StartAsync(new ScriptedFleet
        {
            OnReport = report =>
            {
                told = report.Sender;
                return new NodeDirective { Sequence = report.Sequence };
            },
        });
        var report = Report.Replace("NAME", node, StringComparison.Ordinal);
        using var answer = await app.Client(token).PostJsonAsync($"/v1/nodes/{node}/reports",
            report[..report.LastIndexOf('}')] + ""","sender":{"token":"otto","source":"192.0.2.1"}}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(source is null ? null : new ReportSender(token, source), told);
    }

    [Fact]
    public async Task Reports_OtherNodeInTheBody_IsRefused()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Client("node-1").PostJsonAsync(
            "/v1/nodes/node-1/reports", Report.Replace("NAME", "node-2", StringComparison.Ordinal));
        Assert.Equal(["node"], await answer.WrongFieldsAsync());
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic b3R0bzpvdHRv")]
    public async Task Tokens_Wrong_AreToldSo(string field)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Client(null)
            .SendJsonAsync(HttpMethod.Get, "/v1/fleet", null, ("Authorization", field));
        await answer.ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Contains("invalid_token", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            app.Logs.Audit, static line => line.StartsWith("482 a wrong token was shown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_ManyWrongOnes_AreLimitedAndARightOnePasses()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var stranger = app.Client(null);
        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense");
        HttpResponseMessage answer;
        var wrong = 0;
        do
        {
            answer = await stranger.GetAsync("/v1/fleet");
            wrong++;
        }
        while (answer.StatusCode == HttpStatusCode.Unauthorized && wrong < 1000);
        await answer.ProblemAsync(HttpStatusCode.TooManyRequests);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.True(wrong > 10, $"only {wrong} wrong tokens were answered");
        using var right = await app.Viewer.GetAsync("/v1/fleet");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task TokenFile_Changed_IsUsedAndABadOneIsRefused()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var viewer = app.Viewer;
        var token = TokenHash.NewToken();
        await File.WriteAllTextAsync(app.TokenPath, "new:king:sha256$00\n");
        app.Host.Reload();
        Assert.Contains(
            app.Logs.Lines, static log => log.Id == 21 && log.Text.Contains("line 1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("/v1/fleet")).StatusCode);

        await File.WriteAllTextAsync(app.TokenPath, TokenFiles.Line("new", "viewer", token));
        await Eventually.HoldsAsync(
            async () => (await viewer.GetAsync("/v1/fleet")).StatusCode == HttpStatusCode.Unauthorized,
            "the old token to be refused");
        viewer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, (await viewer.GetAsync("/v1/fleet")).StatusCode);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, 1)]
    public async Task Start_TokenFileThatOthersCanRead_Warns(UnixFileMode mode, int warnings)
    {
        using var folder = new ScratchFolder();
        var path = folder.WriteTokens(("otto", "operator", TokenHash.NewToken()));
        File.SetUnixFileMode(path, mode);
        // A link's own mode says nothing.
        File.CreateSymbolicLink(folder.File("link"), path);
        await using var app = await AdminApp.StartAsync(Fleet, config => config with { TokenFile = folder.File("link") });
        Assert.Equal(warnings, app.Logs.Lines.Count(static line => line.Id == 22));
    }

    [Fact]
    public async Task Start_OtherThanLoopbackWithoutTokens_IsRefused()
    {
        var refused =
            await Assert.ThrowsAsync<StartException>(() => AdminApp.StartAsync(Fleet, static config => config with
            {
                Address = new IPEndPoint(IPAddress.Any, 0),
                TokenFile = null,
            }));
        Assert.Contains("--admin-token-file", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nobody\n")]
    [InlineData("otto\n")]
    [InlineData("otto:operator\n")]
    [InlineData("otto:king:sha256$00\n")]
    [InlineData("o*:operator:sha256$0000000000000000000000000000000000000000000000000000000000000000\n")]
    [InlineData("a*b:node:sha256$0000000000000000000000000000000000000000000000000000000000000000\n")]
    [InlineData("otto:operator:sha256$00\n")]
    public async Task Start_BadTokenFile_IsRefusedAndNamed(string content)
    {
        using var folder = new ScratchFolder();
        var path = folder.Write("tokens", content);
        var refused = await Assert.ThrowsAsync<StartException>(
            () => AdminApp.StartAsync(Fleet, config => config with { TokenFile = path }));
        Assert.StartsWith("--admin-token-file: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }
}
