using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
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
    public async Task Profile_OfAnotherRelay_IsSignedForOperatorsOnly()
    {
        await using var app = await StartAsync(Write("signer"));
        using var viewer = await app.Viewer.GetAsync("/v1/apple-profile?relay=elsewhere.example");
        Assert.Equal(HttpStatusCode.Forbidden, viewer.StatusCode);
        Assert.Contains(
            "elsewhere.example",
            Encoding.UTF8.GetString(await VerifyAsync(
                await app.Operator.GetByteArrayAsync("/v1/apple-profile?relay=elsewhere.example"))),
            StringComparison.Ordinal);
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
