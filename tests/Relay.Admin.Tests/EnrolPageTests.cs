using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Relay.Admin.Enrolments;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Hosting;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests;

/// <summary>The page of enrolments as browsers, bots and strangers have it.</summary>
public sealed class EnrolPageTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _clock = new();
    private readonly HttpClient _browser = new(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null } });

    [Fact]
    public async Task Pages_HaveNoScript_AndNothingFromElsewhere_AndGoIntoNoCacheOrFrame()
    {
        await using var app = await StartAsync();
        var url = await EnrolAsync(app, "alice", """{"device":"<b onclick=x>"}""");
        HttpResponseMessage[] answers =
        [
            await _browser.GetAsync(url), await _browser.GetAsync(Place(app, "/enroll/none")), await _browser.GetAsync(Place(app, "/")),
            await _browser.PutAsync(url, null), await _browser.PostAsync(url, null), await _browser.GetAsync(url),
        ];
        Assert.Equal([200, 404, 404, 405, 200, 410], answers.Select(static answer => (int)answer.StatusCode));
        foreach (var answer in answers)
        {
            var page = await answer.Content.ReadAsStringAsync();
            Assert.Equal("text/html; charset=utf-8", $"{answer.Content.Headers.ContentType}");
            var style = Regex.Match(page, "<style>(.*)</style>", RegexOptions.Singleline).Groups[1].Value;
            var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
            Assert.Equal(
                $"default-src 'none'; img-src data:; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.DoesNotMatch("(?i)<script|<b |<[^>]*\\s(?:on[a-z]+|style)=", page);
            Assert.DoesNotMatch("(?:src|href|action)=\"(?!data:)[^\"]*:", page);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Address_ServesNothingOfTheApi_AndTheApiNothingOfIt()
    {
        await using var app = await StartAsync();
        var url = await EnrolAsync(app);
        foreach (var path in (string[])["/", "/v1/fleet", "/v1/users", "/livez", "/readyz", "/metrics", "/openapi/v1.json", "/index.html", "/enroll", "/enroll/"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Place(app, path));
            request.Headers.Add("Authorization", $"Bearer {app.Tokens["otto"]}");
            using var answer = await _browser.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var there = await app.Operator.GetAsync(new Uri(url).AbsolutePath);
        Assert.Equal(HttpStatusCode.NotFound, there.StatusCode);
        using var posted = await app.Operator.PostAsync(new Uri(url).AbsolutePath, null);
        Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);
        using var works = await _browser.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);
    }

    [Theory]
    [InlineData("cross-site", null, 403)]
    [InlineData("same-site", null, 403)]
    [InlineData("same-origin", "null", 200)]
    [InlineData(null, "https://attacker.example", 403)]
    [InlineData(null, "null", 403)]
    [InlineData(null, "https://enrol.example.com", 200)]
    [InlineData(null, null, 200)]
    public async Task Use_FromAPageOfAnotherOrigin_IsForbidden_AndUsesNothingUp(string? site, string? origin, int status)
    {
        await using var app = await StartAsync(static config => config with { Enrol = config.Enrol with { PublicUrl = "https://enrol.example.com/relay" } });
        var link = new Uri(await EnrolAsync(app));
        Assert.Equal(("https", "enrol.example.com"), (link.Scheme, link.Host));
        Assert.StartsWith("/relay/enroll/", link.AbsolutePath, StringComparison.Ordinal);
        // A proxy may leave the path as it is, or take its own part of it away.
        var here = Place(app, site is null ? link.AbsolutePath : link.AbsolutePath["/relay".Length..]);
        using var request = new HttpRequestMessage(HttpMethod.Post, here);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        using var answer = await _browser.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        using var page = await _browser.GetAsync(here);
        Assert.Equal(status == 200 ? HttpStatusCode.Gone : HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Link_FollowedFromAnotherPlace_ShowsThePage()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, await EnrolAsync(app) + "?utm=mail");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        using var answer = await _browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Guesses_AreBounded_AndLockNobodyOut()
    {
        await using var app = await StartAsync();
        var url = await EnrolAsync(app);
        var statuses = new List<int>();
        for (var i = 0; i < 40; i++)
        {
            using var answer = i % 2 == 0
                ? await _browser.GetAsync(Place(app, $"/enroll/{new string('A', 41)}{i:00}"))
                : await _browser.PostAsync(Place(app, $"/enroll/guess-{i}"), null);
            statuses.Add((int)answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Equal([.. Enumerable.Repeat(404, 10), .. Enumerable.Repeat(429, 30)], statuses);
        Assert.Single(app.Logs.Audit, static line => line.StartsWith("486 ", StringComparison.Ordinal));
        Assert.Contains("relay_admin_refusals_total{reason=\"wrong_enrolment\"} 40", await app.Viewer.GetStringAsync("/metrics"), StringComparison.Ordinal);
        using var works = await _browser.PostAsync(url, null);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);
    }

    [Fact]
    public async Task Flood_OfASource_LocksNobodyOutWhoSharesIt()
    {
        await using var app = await StartAsync(static config => config with { RequestsPerSecond = 1, RequestBurst = 1 });
        var url = await EnrolAsync(app);
        for (var i = 0; i < 50; i++)
            (await _browser.GetAsync(Place(app, i % 2 == 0 ? "/" : "/enroll/guess"))).Dispose();
        using var page = await _browser.GetAsync(url);
        using var used = await _browser.PostAsync(url, null);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (page.StatusCode, used.StatusCode));
    }

    [Fact]
    public async Task Link_WithASlashAfterIt_IsNoPage_SinceItsFormWouldLeadElsewhere()
    {
        await using var app = await StartAsync();
        var url = await EnrolAsync(app);
        using var page = await _browser.GetAsync($"{url}/");
        using var used = await _browser.PostAsync($"{url}/", null);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (page.StatusCode, used.StatusCode));
        using var works = await _browser.PostAsync(url, null);
        var form = Regex.Match(await works.Content.ReadAsStringAsync(), "action=\"([^\"]+)\" target=\"_blank\"").Groups[1].Value;
        Assert.Equal($"{url}/profile", new Uri(new Uri(url), form).AbsoluteUri);
    }

    [Fact]
    public async Task Answer_ThatTakesTooLong_IsAPageLikeTheOthers()
    {
        var never = new TaskCompletionSource<IReadOnlyList<Enrolment>>();
        await using var app = await AdminApp.StartAsync(new ScriptedFleet { OnListEnrolments = () => never.Task }, static config => config with
        {
            RequestTimeout = TimeSpan.FromMilliseconds(50),
            Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            Profiles = new() { Relay = Relay("relay.example.com") },
        });
        using var page = await _browser.GetAsync(Place(app, $"/enroll/{EnrolmentToken.Create().Text}"));
        Assert.Equal(HttpStatusCode.GatewayTimeout, page.StatusCode);
        Assert.True(page.Headers.CacheControl!.NoStore);
        Assert.StartsWith("default-src 'none'", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains("does not answer", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_AfterTenMinutes_IsOver()
    {
        await using var app = await StartAsync();
        var url = await EnrolAsync(app);
        _clock.Advance(TimeSpan.FromMinutes(9.9));
        using var works = await _browser.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, works.StatusCode);

        _clock.Advance(TimeSpan.FromMinutes(0.2));

        using var page = await _browser.GetAsync(url);
        using var used = await _browser.PostAsync(url, null);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (page.StatusCode, used.StatusCode));
    }

    [Fact]
    public async Task Fleet_ThatDoesNotAnswer_IsSaidSo()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet(), static config => config with
        {
            Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            Profiles = new() { Relay = Relay("relay.example.com") },
        });
        using var page = await _browser.GetAsync(Place(app, $"/enroll/{new string('A', 43)}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains("does not answer", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_IsServedWithItsOwnCertificate_ReadAgainWhenItChanges()
    {
        Write("one.example");
        await using var app = await StartAsync(config => config with
        {
            Enrol = config.Enrol with { TlsCertPath = _folder.File("cert.pem"), TlsPrivateKeyPath = _folder.File("key.pem") },
        });
        var url = await EnrolAsync(app);
        Assert.StartsWith($"https://{app.Host.EnrolAddress}/", url, StringComparison.Ordinal);
        using var page = await _browser.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.True(page.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal("CN=one.example", await SubjectAsync(url));
        Write("two.example");
        app.Host.Reload();
        await Eventually.HoldsAsync(async () => await SubjectAsync(url) == "CN=two.example", "the new certificate");
    }

    [Fact]
    public async Task Coordinator_WithoutThePage_SaysWhichOptionsItLacks()
    {
        await using var app = await AdminApp.StartAsync(new LocalFleet(new LocalFleetConfig(), [], _clock, new Random(1)));
        (await app.Operator.SendJsonAsync(HttpMethod.Put, "/v1/users/alice", "{}")).Dispose();
        using var refused = await app.Operator.SendJsonAsync(HttpMethod.Post, "/v1/users/alice/enrolments", null);
        var problem = await refused.ProblemAsync(HttpStatusCode.Conflict);
        Assert.Contains("--enrol-address and --public-url", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Null(app.Host.EnrolAddress);
    }

    [Theory]
    [InlineData("192.0.2.1", null, true, "--public-url: required")]
    [InlineData("192.0.2.1", "https://enrol.example.com", true, "--enrol-tls-cert-path: required")]
    [InlineData("127.0.0.1", null, false, "--public-relay: required")]
    public async Task Start_WithoutWhatItNeeds_IsRefused(string address, string? url, bool hasRelay, string expected)
    {
        var refused = await Assert.ThrowsAsync<StartException>(() => AdminApp.StartAsync(new ScriptedFleet(), config => config with
        {
            Enrol = new() { Address = new IPEndPoint(IPAddress.Parse(address), 0), PublicUrl = url },
            Profiles = new() { Relay = hasRelay ? Relay("relay.example.com") : null },
        }));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _browser.Dispose();
        _folder.Dispose();
    }

    private async Task<AdminApp> StartAsync(Func<AdminConfig, AdminConfig>? change = null)
    {
        var fleet = new LocalFleet(new LocalFleetConfig(), [], _clock, new Random(1));
        await fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        return await AdminApp.StartAsync(fleet, config =>
        {
            config = config with
            {
                Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
                Profiles = new() { Relay = Relay("relay.example.com") },
            };
            return change?.Invoke(config) ?? config;
        });
    }

    private static RelayAddress? Relay(string text) => RelayAddress.TryParse(text, out var relay, out _) ? relay : null;

    private static Uri Place(AdminApp app, string path) => new($"http://{app.Host.EnrolAddress}{path}");

    private static async Task<string> EnrolAsync(AdminApp app, string user = "alice", string? body = null)
    {
        using var answer = await app.Operator.SendJsonAsync(HttpMethod.Post, $"/v1/users/{user}/enrolments", body);
        return (string)(await answer.JsonAsync(HttpStatusCode.Created))["url"]!;
    }

    private void Write(string name)
    {
        using var certificate = SelfSigned.Create(name);
        _folder.Write("cert.pem", certificate.ExportCertificatePem());
        _folder.Write("key.pem", certificate.ExportKeyPem());
    }

    private static async Task<string?> SubjectAsync(string url)
    {
        string? subject = null;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    subject = certificate?.Subject;
                    return subject is not null;
                },
            },
        });
        using var answer = await client.GetAsync(url);
        return subject;
    }
}
