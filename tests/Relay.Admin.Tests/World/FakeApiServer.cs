using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests.World;

/// <summary>An API server that reviews tokens, over TLS on loopback, and the folder that a kubelet gives a pod.</summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private const string OwnToken = "token-of-the-coordinators-own-pod";

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private WebApplication? _app;
    private int _asked;

    public KubernetesConfig Config => new()
    {
        Server = new Uri(_app!.Urls.Single()),
        Accounts = ["relayfleet:relay-node", "relayfleet-nodes:relay-node"],
        Folder = _folder.Path,
    };

    /// <summary>How many reviews were asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it says of a token: <c>status</c> of the review; null to say nothing, and be out of order.</summary>
    public Func<string, JsonObject?> OnReview { get; set; } = static _ => [];

    /// <summary>All that it answers, whatever it is asked; null to review.</summary>
    public string? RawAnswer { get; set; }

    public static async Task<FakeApiServer> StartAsync()
    {
        var server = new FakeApiServer();
        server._folder.Write("token", OwnToken + "\n");
        server._folder.Write("ca.crt", server._authority.Pem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(
            IPAddress.Loopback, 0, listen => listen.UseHttps(server._authority.IssueServer("kubernetes.default", "127.0.0.1"))));
        server._app = builder.Build();
        server._app.MapPost("/apis/authentication.k8s.io/v1/tokenreviews", (Delegate)server.ReviewAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>What a node's token has reviewed.</summary>
    public static JsonObject Node(string? machine, string account = "system:serviceaccount:relayfleet:relay-node", string audience = "relayfleet") =>
        new()
        {
            ["authenticated"] = true,
            ["user"] = new JsonObject
            {
                ["username"] = account,
                ["extra"] = machine is null ? [] : new JsonObject { ["authentication.kubernetes.io/node-name"] = new JsonArray(machine) },
            },
            ["audiences"] = new JsonArray(audience),
        };

    /// <summary>Another authority than that of the server's certificate is what the kubelet gives.</summary>
    public void TrustAnother()
    {
        using var other = new TestAuthority();
        _folder.Write("ca.crt", other.Pem);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    private async Task<IResult> ReviewAsync(HttpContext http)
    {
        Interlocked.Increment(ref _asked);
        if (http.Request.Headers.Authorization != $"Bearer {OwnToken}")
            return Results.StatusCode(403);
        if (RawAnswer is not null)
            return Results.Text(RawAnswer, "application/json", statusCode: 201);
        var review = (await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body))!;
        Assert.Equal(("authentication.k8s.io/v1", "TokenReview"), ((string)review["apiVersion"]!, (string)review["kind"]!));
        Assert.Equal("relayfleet", (string)review["spec"]!["audiences"]!.AsArray().Single()!);
        if (OnReview((string)review["spec"]!["token"]!) is not { } status)
            return Results.StatusCode(500);
        review["status"] = status;
        return Results.Text(review.ToJsonString(), "application/json", statusCode: 201);
    }
}
