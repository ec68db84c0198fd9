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

    [Theory]
    [InlineData("another account")]
    [InlineData("another audience")]
    [InlineData("no machine")]
    [InlineData("a machine that no node can be named by")]
    [InlineData("not authenticated")]
    [InlineData("nothing")]
    [InlineData("no status")]
    public async Task Token_ThatTheServerSaysIsNotANodes_IsRefused(string answer)
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
    [InlineData("system:serviceaccount:default:default", "relayfleet", 3600)]
    [InlineData(Account, "https://kubernetes.default.svc", 3600)]
    [InlineData(Account, "relayfleet", -1)]
    public async Task Token_OfOthersForOthersOrExpired_IsNotAskedFor(string account, string audience, int seconds)
    {
        _server.OnReview = static _ => FakeApiServer.Node("machine-1");

        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(TokenOf(account, audience, seconds), "machine-1"));
        Assert.Equal(0, _server.Asked);
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

    private string TokenOf(string account = Account, string audience = "relayfleet", int seconds = 3000)
    {
        var claims = new JsonObject
        {
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
