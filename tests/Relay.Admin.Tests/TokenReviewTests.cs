using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Admin.Kubernetes;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Hosting.Credentials;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>A pod's token speaks for the node of its machine, as the cluster's API server says.</summary>
public sealed class TokenReviewTests : IAsyncLifetime
{
    private const string Account = "system:serviceaccount:relayfleet:relay-node";

    private readonly ManualTime _clock = new();
    private readonly List<HttpClient> _clients = [];
    private FakeApiServer _server = null!;
    private AdminApp _app = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _app = await AdminApp.StartAsync(
            new ScriptedFleet { OnReport = static report => new NodeDirective { Sequence = report.Sequence } },
            config => config with { Kubernetes = _server.Config }, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(static one => one.Dispose());
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Token_OfAPodOnAMachine_SpeaksForTheNodeOfItsNameAndNoOther()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var token = TokenOf();

        Assert.Equal(HttpStatusCode.OK, await ReportAsync(token, "machine-1"));
        Assert.Equal(HttpStatusCode.Forbidden, await ReportAsync(token, "machine-2"));
        using var list = await Client(token).GetAsync("/v1/nodes");
        Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
        // One that is in the file is as it was.
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(_app.Tokens["node-1"], "node-1"));
        Assert.Equal(1, _server.Asked);
    }

    /// <summary>As while relays move from one namespace to another.</summary>
    [Fact]
    public async Task Token_OfAnyOfTheAccounts_IsTaken()
    {
        const string Other = "system:serviceaccount:relayfleet-nodes:relay-node";
        _server.OnReview = static _ => FakeApiServer.Node("machine-1", Other);

        Assert.Equal(HttpStatusCode.OK, await ReportAsync(TokenOf(Other), "machine-1"));
    }

    [Theory]
    [InlineData("another account", "its account is 'system:serviceaccount:default:relay-node'")]
    [InlineData("another audience", "the audience 'relayfleet'")]
    [InlineData("no machine", "names no machine")]
    [InlineData("a machine that no node can be named by", "'Machine_1'")]
    [InlineData("not authenticated", null)]
    [InlineData("nothing", null)]
    [InlineData("no status", "the audience 'relayfleet'")]
    public async Task Token_ThatTheServerSaysIsNotANodes_IsRefused(string answer, string? reason)
    {
        _server.OnReview = _ => answer switch
        {
            "another account" => FakeApiServer.Node("machine-1", "system:serviceaccount:default:relay-node"),
            "another audience" => FakeApiServer.Node("machine-1", audience: "https://kubernetes.default.svc"),
            "no machine" => FakeApiServer.Node(null),
            "a machine that no node can be named by" => FakeApiServer.Node("Machine_1"),
            "not authenticated" => new JsonObject { ["authenticated"] = false, ["error"] = "expired" },
            "nothing" => [],
            _ => new JsonObject { ["authenticated"] = true, ["user"] = new JsonObject { ["username"] = Account } },
        };

        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(TokenOf(), "machine-1"));
        Assert.Equal(1, _server.Asked);
        // Why is in the log, once, where the cluster knows the token: the arguments of the coordinator are wrong, or the cluster is old.
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(TokenOf(seconds: 3001), "machine-1"));
        var told = _app.Logs.Lines.Where(static line => line.Id == 455).Select(static line => line.Text);
        if (reason is null)
            Assert.Empty(told);
        else
            Assert.Contains(reason, Assert.Single(told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a token at all, though long enough")]
    [InlineData("a.b.c")]
    [InlineData("a.e30.c")]
    [InlineData("a.bnVsbA.c")]
    public async Task Token_ThatIsNoneByItsOwnWords_IsNotAskedFor(string token)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(token, "machine-1"));
        Assert.Equal(0, _server.Asked);
    }

    [Theory]
    [InlineData("system:serviceaccount:default:default", "relayfleet", 3600, "its account is 'system:serviceaccount:default:default', not")]
    [InlineData("system:serviceaccount:line\nbreak", "relayfleet", 3600, "its account is another, not")]
    [InlineData(Account, "https://kubernetes.default.svc", 3600, "it is not for the audience 'relayfleet'")]
    [InlineData(Account, "relayfleet", -1, "it has expired")]
    [InlineData("mallory", "relayfleet", 3600, null)]
    public async Task Token_OfOthersForOthersOrExpired_IsNotAskedFor_AndLeavesALine(string account, string audience, int seconds, string? reason)
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");

        for (var i = 0; i < 5; i++)
            Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(account, audience, seconds), "machine-1"));
        Assert.Equal(0, _server.Asked);
        var told = _app.Logs.Lines.Where(static line => line.Id == 455).Select(static line => line.Text).ToList();
        if (reason is null)
        {
            Assert.Empty(told);
            return;
        }
        Assert.Contains(reason, Assert.Single(told), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", told[0], StringComparison.Ordinal);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(account, audience, seconds), "machine-1"));
        Assert.EndsWith("4 more like it since the last such line", _app.Logs.Lines.Last(static line => line.Id == 455).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_OfATokenThatIsKnown_IsAskedForOnceAMinute_AndEndsWithThePod()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var token = TokenOf();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.OK, await ReportAsync(token, "machine-1"));
        Assert.Equal(1, _server.Asked);
        _clock.Advance(TokenReviewer.Fresh);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(token, "machine-1"));
        Assert.Equal(2, _server.Asked);

        _server.OnReview = static _ => new JsonObject { ["authenticated"] = false };
        _clock.Advance(TokenReviewer.Fresh);
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(token, "machine-1"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(token, "machine-1"));
        Assert.Equal(3, _server.Asked);
    }

    [Fact]
    public async Task Review_WhileTheServerIsOutOfOrder_GoesOnForWhoIsKnown_AndIs503ForOthers()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var (known, other) = (TokenOf(seconds: 7200), TokenOf(seconds: 7201));
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(known, "machine-1"));

        _server.OnReview = static _ => null;
        _clock.Advance(TokenReviewer.Stale - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(known, "machine-1"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReportAsync(other, "machine-1"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReportAsync(known, "machine-1"));
        Assert.Single(_app.Logs.Lines, static line => line.Id == 454);

        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(known, "machine-1"));
    }

    [Fact]
    public async Task Review_ByAServerThatTheClustersAuthorityDoesNotKnow_IsNone()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        _server.TrustAnother();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReportAsync(TokenOf(), "machine-1"));
        Assert.Equal(0, _server.Asked);
    }

    [Fact]
    public async Task Reviews_OfTokensThatAStrangerMakesUp_AreNoMoreThanItsWrongTokens()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var good = TokenOf();
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(good, "machine-1"));

        _server.OnReview = static _ => new JsonObject { ["authenticated"] = false };
        for (var i = 0; i < 50; i++)
            Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(seconds: 3600 + i), "machine-1"));

        Assert.InRange(_server.Asked, 2, 1 + FailureLimiter.Burst);
        // Who is known goes on, from the same address as well.
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        _clock.Advance(TokenReviewer.Fresh);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(good, "machine-1"));
    }

    /// <summary>Behind one NAT, whoever else is there: a pod's token is another every hour.</summary>
    [Fact]
    public async Task Review_OfTheNextTokenOfANodeThatIsKnown_DoesNotDependOnWhatStrangersShow()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(TokenOf(node: "machine-1"), "machine-1"));
        _server.OnReview = static _ => new JsonObject { ["authenticated"] = false };
        for (var i = 0; i < 30; i++)
            Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(seconds: 3600 + i), "machine-1"));

        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var before = _server.Asked;
        Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(seconds: 3100, node: "machine-2"), "machine-1"));
        Assert.Equal(before, _server.Asked);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(TokenOf(seconds: 3200, node: "machine-1"), "machine-1"));

        // By its name alone nobody has more tries than any source.
        _server.OnReview = static _ => new JsonObject { ["authenticated"] = false };
        before = _server.Asked;
        for (var i = 0; i < 30; i++)
            Assert.NotEqual(HttpStatusCode.OK, await ReportAsync(TokenOf(seconds: 4000 + i, node: "machine-1"), "machine-1"));
        Assert.InRange(_server.Asked - before, 1, FailureLimiter.Burst);
    }

    [Fact]
    public async Task Review_OfManyTokensOfOneMachine_KeepsTheLastOfThem_AndThoseOfOthers()
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-2");
        var other = TokenOf(seconds: 7000);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(other, "machine-2"));
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        List<string> minted = [.. Enumerable.Range(0, 20).Select(i => TokenOf(seconds: 7100 + i))];
        foreach (var token in minted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(HttpStatusCode.OK, await ReportAsync(token, "machine-1"));
        }

        _server.OnReview = static _ => null;
        _clock.Advance(TokenReviewer.Fresh);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(other, "machine-2"));
        foreach (var (i, token) in minted.Index())
        {
            Assert.Equal(
                i < minted.Count - TokenReviewer.MaxOfNode ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK,
                await ReportAsync(token, "machine-1"));
        }
    }

    /// <summary>What the API server, or the kubelet, should never give: a defect of theirs is not one of ours.</summary>
    [Theory]
    [InlineData("a field twice")]
    [InlineData("a token of ours with a line break")]
    [InlineData("no token of ours")]
    public async Task Review_ThatComesToNothingWhatever_Is503AndGoesOnForWhoIsKnown(string what)
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");
        var known = TokenOf(seconds: 7200);
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(known, "machine-1"));
        _clock.Advance(TokenReviewer.Fresh);

        var file = Path.Combine(_server.Config.Folder, "token");
        if (what == "a field twice")
            _server.RawAnswer = """{"status":{"authenticated":true},"status":{"authenticated":true}}""";
        else if (what == "no token of ours")
            File.Delete(file);
        else
            await File.WriteAllTextAsync(file, "one\ntwo");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReportAsync(TokenOf(seconds: 7300), "machine-1"));
        Assert.Equal(HttpStatusCode.OK, await ReportAsync(known, "machine-1"));
        Assert.DoesNotContain(_app.Logs.Lines, static line => line.Id == 450);
        Assert.Single(_app.Logs.Lines, static line => line.Id == 454);
    }

    private string TokenOf(string account = Account, string audience = "relayfleet", int seconds = 3000, string? node = null)
    {
        var claims = new JsonObject
        {
            ["kubernetes.io"] = node is null ? null : new JsonObject { ["node"] = new JsonObject { ["name"] = node } },
            ["aud"] = new JsonArray(audience),
            ["exp"] = _clock.GetUtcNow().ToUnixTimeSeconds() + seconds,
            ["sub"] = account,
        };
        return $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.c2lnbmF0dXJl";
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient { BaseAddress = _app.Address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        _clients.Add(client);
        return client;
    }

    private async Task<HttpStatusCode> ReportAsync(string token, string node)
    {
        using var answer = await Client(token).PostJsonAsync($"/v1/nodes/{node}/reports", $$"""
            {"node":"{{node}}","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}
            """);
        return answer.StatusCode;
    }
}
