using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests;

/// <summary>HTTPS, and certificates that change while it runs.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Certificate_Changed_IsServedAndABadOneIsRefused()
    {
        Write("one.example");
        await using var app = await StartAsync();
        Assert.Equal("CN=one.example", await SubjectAsync(app));
        await File.WriteAllTextAsync(_folder.File("key.pem"), "no key");
        app.Host.Reload();
        Assert.Contains(app.Logs.Lines, static line => line.Id == 21);
        Assert.Equal("CN=one.example", await SubjectAsync(app));
        Write("two.example");
        await Eventually.HoldsAsync(async () => await SubjectAsync(app) == "CN=two.example", "the new certificate");
    }

    [Fact]
    public async Task Certificate_InUse_IsShownWithWhatIsLeftOfIt()
    {
        var clock = new ManualTime();
        var ends = Write("one.example");
        await using var app = await StartAsync(clock);
        Assert.Equal((ends - clock.GetUtcNow()).TotalSeconds, await LeftAsync());
        clock.Advance(TimeSpan.FromHours(1));
        // What is refused is not in use.
        await File.WriteAllTextAsync(_folder.File("key.pem"), "no key");
        app.Host.Reload();
        Assert.Equal((ends - clock.GetUtcNow()).TotalSeconds, await LeftAsync());

        async Task<double> LeftAsync()
        {
            using var client = Client(static (_, _) => true);
            client.DefaultRequestHeaders.Authorization = new("Bearer", app.Tokens["vera"]);
            var text = await client.GetStringAsync(new Uri(Address(app), "/metrics"));
            return double.Parse(
                Regex.Match(text, """(?m)^relay_admin_certificate_expires_seconds\{certificate="api"\} (\S+)""").Groups[1].Value,
                CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task Start_KeyOfAnotherCertificate_IsRefused()
    {
        Write("one.example");
        var certificate = await File.ReadAllTextAsync(_folder.File("cert.pem"));
        Write("two.example");
        await File.WriteAllTextAsync(_folder.File("cert.pem"), certificate);
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync());
        Assert.Equal(
            $"--tls-private-key-path {_folder.File("key.pem")}: it is not the key of the certificate in --tls-cert-path "
                + _folder.File("cert.pem"),
            refused.Message);
    }

    [Fact]
    public async Task Start_CertificateWithoutKey_IsRefused()
    {
        Write("one.example");
        var refused = await Assert.ThrowsAsync<StartException>(() => AdminApp.StartAsync(
            new ScriptedFleet(), config => config with { TlsCertPath = _folder.File("cert.pem") }));
        Assert.Contains("--tls-private-key-path", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_OverHttps_AskForItAgain()
    {
        Write("one.example");
        await using var app = await StartAsync();
        using var client = Client(static (_, _) => true);
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, Address(app))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
    }

    public void Dispose() => _folder.Dispose();

    private Task<AdminApp> StartAsync(TimeProvider? clock = null) => AdminApp.StartAsync(
        new ScriptedFleet { OnOverview = static () => new FleetOverview { Coordination = "local" } },
        config => config with
        {
            TlsCertPath = _folder.File("cert.pem"),
            TlsPrivateKeyPath = _folder.File("key.pem"),
        },
        clock);

    /// <summary>When it runs out.</summary>
    private DateTimeOffset Write(string name)
    {
        using var certificate = SelfSigned.Create(name);
        _folder.Write("cert.pem", certificate.ExportCertificatePem());
        _folder.Write("key.pem", certificate.ExportKeyPem());
        return certificate.NotAfter;
    }

    private static async Task<string?> SubjectAsync(AdminApp app)
    {
        string? subject = null;
        using var client = Client((certificate, _) =>
        {
            subject = certificate?.Subject;
            return true;
        });
        using var answer = await client.GetAsync(Address(app));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return subject;
    }

    private static Uri Address(AdminApp app) => new($"https://{app.Host.Address}/livez");

    private static HttpClient Client(Func<X509Certificate?, SslPolicyErrors, bool> accept) => new(new SocketsHttpHandler
    {
        SslOptions =
            { RemoteCertificateValidationCallback = (_, certificate, _, errors) => accept(certificate, errors) },
    });
}
