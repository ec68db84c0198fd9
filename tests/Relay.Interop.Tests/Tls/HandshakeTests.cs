using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Interop.Tests.Relays;
using Relay.Native.Tls;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// Which TLS is spoken over TCP. The certificate has an RSA key: nothing but the relay's own rules keeps the key from
/// being used for RSA's key exchange.
/// </summary>
public sealed class HandshakeTests : IAsyncLifetime
{
    private const int HandshakeFailure = 40;
    private const int ProtocolVersion = 70;
    private const int NoApplicationProtocol = 120;

    private readonly ScratchFolder _folder = new();
    private RelayProcess _relay = null!;
    private string _trust = "";

    public async ValueTask InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        _trust = _folder.Write("relay.pem", certificate.ExportCertificatePem());
        _relay = await RelayProcess.StartAsync(
            new CertificateFiles(_trust, _folder.Write("relay.key", key.ExportPkcs8PrivateKeyPem())));
    }

    public async ValueTask DisposeAsync()
    {
        await using (_relay)
            await _relay.StopAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("TLS_AES_128_GCM_SHA256")]
    [InlineData("TLS_AES_256_GCM_SHA384")]
    [InlineData("TLS_CHACHA20_POLY1305_SHA256")]
    public async Task Tls13_IsSpoken(string cipher) =>
        (await RunAsync("-tls1_3", "-ciphersuites", cipher)).AssertEstablished("TLSv1.3", cipher);

    [Theory]
    [InlineData("ECDHE-RSA-AES128-GCM-SHA256")]
    [InlineData("ECDHE-RSA-AES256-GCM-SHA384")]
    [InlineData("ECDHE-RSA-CHACHA20-POLY1305")]
    public async Task Tls12_WithForwardSecrecyAndAead_IsSpoken(string cipher) =>
        (await RunAsync("-tls1_2", "-cipher", cipher)).AssertEstablished("TLSv1.2", cipher);

    /// <summary>Of RSA's two paddings, one only TLS 1.2 has.</summary>
    [Theory]
    [InlineData("RSA+SHA256")]
    [InlineData("RSA+SHA384")]
    [InlineData("RSA+SHA512")]
    [InlineData("RSA-PSS+SHA256")]
    [InlineData("RSA-PSS+SHA512")]
    public async Task Tls12_SignatureThatTheClientAsksFor_IsMade(string algorithm)
    {
        const string Cipher = "ECDHE-RSA-AES128-GCM-SHA256";
        (await RunAsync("-tls1_2", "-cipher", Cipher, "-sigalgs", algorithm)).AssertEstablished("TLSv1.2", Cipher);
    }

    [Theory]
    [InlineData("ECDHE-RSA-AES128-SHA256")]
    [InlineData("ECDHE-RSA-AES256-SHA")]
    [InlineData("AES128-GCM-SHA256")]
    [InlineData("AES256-SHA")]
    [InlineData("DHE-RSA-AES128-GCM-SHA256")]
    public async Task Tls12_WithoutForwardSecrecyOrAead_IsRefused(string cipher) =>
        (await RunAsync("-tls1_2", "-cipher", $"{cipher}:@SECLEVEL=0")).AssertAlert(HandshakeFailure);

    /// <summary>
    /// A handshake for which a client needs next to nothing costs the relay a signature each time. Were it only not answered,
    /// the request's timeout would end the connection, with an answer.
    /// </summary>
    [Fact]
    public async Task Tls12_HandshakeAgain_EndsTheConnection()
    {
        var run = await HandshakeRun.RenegotiatingAsync(_relay.Port, _trust);
        Assert.Contains("\nRENEGOTIATING\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 ", run.Output, StringComparison.Ordinal);
        Assert.True(run.Status != 0, run.Output);
    }

    [Theory]
    [InlineData("-tls1_1")]
    [InlineData("-tls1")]
    public async Task OlderTls_IsRefused(string version) =>
        (await RunAsync(version, "-cipher", "ALL:@SECLEVEL=0")).AssertAlert(ProtocolVersion);

    [Theory]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("h2", "h2")]
    [InlineData("http/1.1,h2", "h2")]
    [InlineData("spdy/3,http/1.1", "http/1.1")]
    public async Task Alpn_TheRelaysPreferenceHolds(string offered, string chosen)
    {
        var run = await RunAsync("-alpn", offered);
        Assert.True(run.Status == 0, run.Output);
        Assert.Contains($"\nALPN protocol: {chosen}\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2", "h3")]
    [InlineData("-tls1_3", "h3,spdy/3")]
    public async Task Alpn_OfNothingThatIsServed_IsRefused(string version, string offered) =>
        (await RunAsync(version, "-alpn", offered)).AssertAlert(NoApplicationProtocol);

    /// <summary>Keys that hold against whoever records today and has a quantum computer later; GnuTLS may not have them.</summary>
    [Theory]
    [InlineData("-alpn", "h2")]
    [InlineData("-quic", "-alpn", "h3")]
    public async Task MlKem_IsAgreedOn_WhereOpenSslIs(params string[] options)
    {
        Assert.SkipUnless(TlsLibrary.CanUseOpenSsl(out var whyNot), whyNot);
        // Nothing else is offered.
        var run = await RunAsync([.. options, "-groups", "X25519MLKEM768"]);
        run.AssertEstablished("TLSv1.3", "TLS_AES_128_GCM_SHA256");
    }

    private Task<HandshakeRun> RunAsync(params string[] options) =>
        HandshakeRun.AgainstAsync(_relay.Port, _trust, options);
}
