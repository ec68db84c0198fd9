using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>What pages of other origins get, and what every answer says to a browser.</summary>
public class BrowserTests
{
    private static ScriptedFleet Fleet => new()
    {
        OnOverview = static () => new FleetOverview { Coordination = "local" },
        OnUndrain = static _ => FleetResult.Ok<DrainInfo?>(null),
    };

    private static Task<AdminApp> StartOpenAsync() =>
        AdminApp.StartAsync(Fleet, static config => config with { TokenFile = null });

    [Theory]
    [InlineData("attacker.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.attacker.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("203.0.113.1", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost:9", HttpStatusCode.OK)]
    [InlineData("LOCALHOST", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:8480", HttpStatusCode.OK)]
    public async Task WithoutTokens_Host_MustBeLoopback(string host, HttpStatusCode status)
    {
        await using var app = await StartOpenAsync();
        using var answer = await app.Client(null).SendJsonAsync(HttpMethod.Get, "/v1/fleet", null, ("Host", host));
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task WithTokens_Host_MayBeAnything()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Viewer.SendJsonAsync(HttpMethod.Get, "/v1/fleet", null, ("Host", "admin.example"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("cross-site", null, HttpStatusCode.Forbidden)]
    [InlineData("same-site", null, HttpStatusCode.Forbidden)]
    [InlineData("same-origin", null, HttpStatusCode.NoContent)]
    [InlineData("none", null, HttpStatusCode.NoContent)]
    [InlineData(null, "https://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData(null, "http://localhost:9", HttpStatusCode.Forbidden)]
    [InlineData(null, "null", HttpStatusCode.Forbidden)]
    [InlineData(null, "http://127.0.0.1", HttpStatusCode.NoContent)]
    [InlineData(null, null, HttpStatusCode.NoContent)]
    public async Task Changes_FromOtherOrigins_AreForbidden(string? site, string? origin, HttpStatusCode status)
    {
        await using var app = await StartOpenAsync();
        var headers = new List<(string, string)> { ("Host", "127.0.0.1") };
        if (site is not null)
            headers.Add(("Sec-Fetch-Site", site));
        if (origin is not null)
            headers.Add(("Origin", origin));
        using var answer = await app.Client(null).SendJsonAsync(
            HttpMethod.Post, "/v1/nodes/node-1/undrain", null, [.. headers]);
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v1/fleet", HttpStatusCode.Forbidden)]
    [InlineData("/livez", HttpStatusCode.OK)]
    public async Task Visits_FromOtherSites_ReachThePageOnly(string path, HttpStatusCode status)
    {
        await using var app = await StartOpenAsync();
        using var answer = await app.Client(null).SendJsonAsync(HttpMethod.Get, path, null,
            ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"));
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/v1/fleet")]
    [InlineData("/v1/nothing")]
    [InlineData("/livez")]
    [InlineData("/openapi/v1.json")]
    public async Task Answers_Headers_GuardThePage(string path)
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        using var answer = await app.Viewer.GetAsync(path);
        string Field(string name) => string.Join(',', answer.Headers.GetValues(name));
        Assert.StartsWith("default-src 'self';", Field("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", Field("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", Field("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("DENY", Field("X-Frame-Options"));
        Assert.Equal("nosniff", Field("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Field("Referrer-Policy"));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Empty(answer.Headers.Server);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
