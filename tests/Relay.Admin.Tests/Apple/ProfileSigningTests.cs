using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Admin.Tests.World;
using Relay.Hosting;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests.Apple;

/// <summary>The signature of profiles, verified by openssl.</summary>
public sealed class ProfileSigningTests : IDisposable
{
    private static readonly RelayAddress Own = RelayAddress.TryParse("relay.example.com", out var own, out _) ? own : null!;

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private string _trusted = "";

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profile_Signed_IsVerifiedByOpenssl(bool isRsa)
    {
        var config = isRsa ? WriteRsa() : Write("signer");
        await using var app = await StartAsync(config);
        using var answer = await app.Viewer.GetAsync("/v1/apple-profile");
        Assert.Equal("application/x-apple-aspen-config", answer.Content.Headers.ContentType?.MediaType);

        var plain = await VerifyAsync(await answer.Content.ReadAsByteArrayAsync());

        Assert.Equal(Own.Template, AppleNode.OfPropertyList(plain)["PayloadContent"][0]["Relays"][0]["HTTP3RelayURL"].Text);
        using var made = await app.Operator.PostJsonAsync("/v1/apple-profile", AppleRequests.Common()
            .With("identity", """{"reference":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11"}""").ToJsonString());
        AppleRequestTests.AssertRoutes(
            AppleNode.OfPropertyList(await VerifyAsync(await made.Content.ReadAsByteArrayAsync()))["PayloadContent"][0]);
    }

    [Fact]
    public async Task Profile_ChangedAfterItWasSigned_IsNot()
    {
        await using var app = await StartAsync(Write("signer"));
        var signed = await app.Viewer.GetByteArrayAsync("/v1/apple-profile");
        var at = signed.AsSpan().IndexOf("relay.example.com"u8);
        signed[at] = (byte)'R';

        Assert.NotEqual(0, (await OpensslAsync(signed)).Status);
    }

    [Fact]
    public async Task Certificate_Renewed_SignsTheNextProfile()
    {
        var config = Write("before");
        await using var app = await StartAsync(config);
        Assert.Equal("CN=before", await SignerAsync(app));

        Write("after");
        app.Host.Reload();
        Assert.Equal("CN=after", await SignerAsync(app));
        _folder.Write("sign.pem", "nothing");
        app.Host.Reload();
        Assert.Equal("CN=after", await SignerAsync(app));
    }

    [Fact]
    public async Task Profile_OfAnotherRelay_IsSignedByPostOnly_WithALineOfWhereItLeads()
    {
        await using var app = await StartAsync(Write("signer"));
        foreach (var client in (HttpClient[])[app.Viewer, app.Operator])
        {
            using var got = await client.GetAsync("/v1/apple-profile?relay=elsewhere.example");
            Assert.Equal(HttpStatusCode.Forbidden, got.StatusCode);
        }
        var body = AppleRequests.Common()
            .With("relays", """[{"http3Url":"elsewhere.example","headers":{"Authorization":"Bearer s3cret"}}]""")
            .With("rootCertificates", new JsonArray(new JsonObject { ["pem"] = AppleRequests.Root }).ToJsonString())
            .With("identity", $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}","password":"pass&word"} }""");
        using var made = await app.Operator.PostJsonAsync("/v1/apple-profile", body.ToJsonString());
        Assert.Contains("elsewhere.example", Encoding.UTF8.GetString(await VerifyAsync(await made.Content.ReadAsByteArrayAsync())),
            StringComparison.Ordinal);

        var line = Assert.Single(app.Logs.Lines.Select(static line => line.ToString()), static line =>
            line.Contains("POST /v1/apple-profile", StringComparison.Ordinal));
        using var root = X509Certificate2.CreateFromPem(AppleRequests.Root);
        Assert.Contains("https://elsewhere.example/.well-known", line, StringComparison.Ordinal);
        Assert.Contains(root.GetCertHashString(HashAlgorithmName.SHA256), line, StringComparison.Ordinal);
        foreach (var secret in (string[])["s3cret", "pass&word", AppleRequests.Pkcs12[..40]])
            Assert.DoesNotContain(secret, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("?http2=false", true)]
    [InlineData("?relay=relay.example.com", true)]
    [InlineData("?name=Your+bank", false)]
    [InlineData("?organization=Your+bank", false)]
    [InlineData("?matchDomain=example.com", false)]
    [InlineData("?excludedDomain=example.com", false)]
    [InlineData("?certificateUuid=6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11", false)]
    [InlineData("", false, "Bearer of-somebody-else")]
    public async Task Profile_ThatSaysMoreThanTheRelay_IsSignedForOperatorsOnly(string query, bool isForViewers, string? secret = null)
    {
        await using var app = await StartAsync(Write("signer"));
        (string, string)[] fields = secret is null ? [] : [("Relay-Authorization", secret)];
        using var viewer = await app.Viewer.SendJsonAsync(HttpMethod.Get, $"/v1/apple-profile{query}", null, fields);
        Assert.Equal(isForViewers ? HttpStatusCode.OK : HttpStatusCode.Forbidden, viewer.StatusCode);
        using var other = await app.Operator.SendJsonAsync(HttpMethod.Get, $"/v1/apple-profile{query}", null, fields);
        await VerifyAsync(await other.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Certificate_ThatMustNotSign_IsAStartError()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=agreement", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, critical: true));
        using var certificate = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key),
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60), [1]);
        var config = Write(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync(config));
        Assert.StartsWith("--profile-signing-cert ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_ThatDoNotFitEachOther_AreAStartError()
    {
        var config = Write("signer");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _folder.Write("sign.key", other.ExportPkcs8PrivateKeyPem());
        var refused = await Assert.ThrowsAsync<StartException>(() => StartAsync(config));
        Assert.StartsWith($"--profile-signing-key {config.SigningKeyPath}: it is not the key", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StartException>(() => StartAsync(config with { SigningKeyPath = null }));
    }

    private static Task<AdminApp> StartAsync(ProfileConfig profiles) =>
        AdminApp.StartAsync(new ScriptedFleet(), config => config with { Profiles = profiles });

    private async Task<byte[]> VerifyAsync(byte[] signed)
    {
        var (status, output) = await OpensslAsync(signed);
        Assert.True(status == 0, output);
        return await File.ReadAllBytesAsync(_folder.File("plain"));
    }

    private async Task<string> SignerAsync(AdminApp app)
    {
        await VerifyAsync(await app.Viewer.GetByteArrayAsync("/v1/apple-profile"));
        using var signer = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(_folder.File("signer")));
        // Who has the profile needs no other file to verify it, but the root.
        Assert.Contains(_authority.Pem.Trim(), await File.ReadAllTextAsync(_folder.File("chain")), StringComparison.Ordinal);
        return signer.Subject;
    }

    private async Task<(int Status, string Output)> OpensslAsync(byte[] signed)
    {
        await File.WriteAllBytesAsync(_folder.File("signed"), signed);
        await using var openssl = ChildProcess.Start(
            InstalledProgram.Require("openssl", "openssl"),
            ["cms", "-verify", "-inform", "DER", "-binary", "-in", _folder.File("signed"), "-CAfile", _folder.Write("ca.pem", _trusted),
                "-purpose", "any", "-out", _folder.File("plain"), "-signer", _folder.File("signer"),
                "-certsout", _folder.File("chain")]);
        var status = await openssl.WaitForExitAsync(TimeSpan.FromMinutes(1));
        return (status, openssl.Log.Describe());
    }

    private ProfileConfig Write(string name)
    {
        using var certificate = _authority.IssueClient(name);
        _trusted = _authority.Pem;
        return Write(
            $"{certificate.ExportCertificatePem()}\n{_authority.Pem}\n",
            certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private ProfileConfig WriteRsa()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=signer", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _trusted = certificate.ExportCertificatePem();
        return Write(_trusted, key.ExportPkcs8PrivateKeyPem());
    }

    private ProfileConfig Write(string chain, string key) => new()
    {
        Relay = Own,
        SigningCertPath = _folder.Write("sign.pem", chain),
        SigningKeyPath = _folder.Write("sign.key", key),
    };
}
