using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Admin;
using Relay.Admin.Hosting;
using Relay.Hosting.Credentials;
using Relay.Testing.Processes;

namespace Relay.Testing.Admin;

/// <summary>The admin API on a port of loopback, with a token of each role, and clients for it.</summary>
public sealed class AdminApp : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly List<HttpClient> _clients = [];
    private AdminHost? _host;

    /// <summary>A token of each role, and one for all nodes whose names begin with edge-.</summary>
    public Dictionary<string, string> Tokens { get; } = [];

    public RecordingLogs Logs { get; } = new();

    public Uri Address => new($"http://{_host!.Address}");

    public AdminHost Host => _host!;

    public string TokenPath => _folder.File("tokens");

    public static async Task<AdminApp> StartAsync(
        IFleet fleet, Func<AdminConfig, AdminConfig>? change = null, TimeProvider? clock = null)
    {
        var app = new AdminApp();
        foreach (var name in (string[])["vera", "otto", "node-1", "edge-*"])
            app.Tokens[name] = TokenHash.NewToken();
        app._folder.WriteTokens(
            ("vera", "viewer", app.Tokens["vera"]), ("otto", "operator", app.Tokens["otto"]),
            ("node-1", "node", app.Tokens["node-1"]), ("edge-*", "node", app.Tokens["edge-*"]));
        // A test's nodes report by a clock of their own.
        var config = new AdminConfig
        {
            Address = new IPEndPoint(IPAddress.Loopback, 0),
            TokenFile = app.TokenPath,
            ReportsPerSecond = 100_000,
            ReportBurst = 100_000,
        };
        app._host = await AdminHost.StartAsync(
            change?.Invoke(config) ?? config, fleet, app.Logs, clock ?? TimeProvider.System, default);
        return app;
    }

    /// <summary>A client that shows the token of a name; null for none.</summary>
    public HttpClient Client(string? name)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
        if (name is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Tokens[name]);
        _clients.Add(client);
        return client;
    }

    public HttpClient Operator => Client("otto");

    public HttpClient Viewer => Client("vera");

    /// <summary>Deletes the lines of a name from the token file, and has it read.</summary>
    public async Task TakeAwayAsync(string name)
    {
        await File.WriteAllLinesAsync(TokenPath, (await File.ReadAllLinesAsync(TokenPath))
            .Where(line => !line.StartsWith($"{name}:", StringComparison.Ordinal)));
        Host.Reload();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>What tests ask of answers.</summary>
public static class Answers
{
    public static async Task<JsonObject> JsonAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} instead of {(int)status}: {text}");
        return Assert.IsType<JsonObject>(JsonNode.Parse(text));
    }

    /// <summary>The problem that an answer is.</summary>
    public static async Task<JsonObject> ProblemAsync(this HttpResponseMessage answer, HttpStatusCode status)
    {
        var problem = await answer.JsonAsync(status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.StartsWith("urn:relayfleet:problem:", (string)problem["type"]!, StringComparison.Ordinal);
        Assert.NotEmpty((string)problem["title"]!);
        return problem;
    }

    /// <summary>The names of the fields that a 400 finds wrong, in order.</summary>
    public static async Task<string[]> WrongFieldsAsync(this HttpResponseMessage answer)
    {
        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest);
        return [.. Assert.IsType<JsonObject>(problem["errors"]).Select(static error => error.Key)
            .Order(StringComparer.Ordinal)];
    }

    public static Task<HttpResponseMessage> PostJsonAsync(
        this HttpClient client, string path, string json, params (string Name, string Value)[] headers) =>
        client.SendJsonAsync(HttpMethod.Post, path, json, headers);

    public static Task<HttpResponseMessage> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, string? json,
        params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return client.SendAsync(request);
    }
}
