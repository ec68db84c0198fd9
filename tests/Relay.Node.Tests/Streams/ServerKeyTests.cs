using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Native;
using Relay.Native.GnuTls;
using Relay.Native.Tls;

namespace Relay.Node.Tests.Streams;

/// <summary>Keys of each kind as a server's, and who signs by them.</summary>
public class ServerKeyTests
{
    // RFC 8410 §10.3.
    private const string Ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """;

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("P-521")]
    [InlineData("RSA 2048")]
    [InlineData("RSA 3072")]
    public void Handshake_KeyOfEachKind_IsProvenToTheClient(string kind)
    {
        using var key = Create(kind);
        var certificate = CertificateOf(key);
        using var server = TlsContext.CreateServer(
            certificate, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()), library: TestIdentity.Library);
        using var client = TlsContext.CreateClient(certificate, verifyPeer: true);
        // The second by a key that has signed before.
        for (var i = 0; i < 2; i++)
        {
            using var pair = new TlsPair(client, server);
            Assert.Equal((0, 0), pair.Handshake());
        }
    }

    [Fact]
    public void GnuTls_KeyInEachFormOfFile_IsTheRuntimesToSignBy()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        Assert.True(TrySet(ec, ec.ExportPkcs8PrivateKeyPem()));
        Assert.True(TrySet(ec, ec.ExportECPrivateKeyPem()));
        // As `openssl ecparam -genkey` writes it: the curve by its object identifier, first.
        Assert.True(TrySet(
            ec, $"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{ec.ExportECPrivateKeyPem()}"));
        Assert.True(TrySet(rsa, rsa.ExportPkcs8PrivateKeyPem()));
        Assert.True(TrySet(rsa, rsa.ExportRSAPrivateKeyPem()));
        Assert.True(TrySet(rsa, $"{Encoding.ASCII.GetString(CertificateOf(rsa))}\n{rsa.ExportRSAPrivateKeyPem()}"));
    }

    /// <summary>GnuTLS has the word about what the runtime does not sign by, its errors too.</summary>
    [Fact]
    public void GnuTls_KeyOfAnotherKind_IsLeftToIt()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(TrySet(ec, Ed25519));
        Assert.False(TrySet(ec, ec.ExportSubjectPublicKeyInfoPem()));
        Assert.False(TrySet(ec, ec.ExportEncryptedPkcs8PrivateKeyPem(
            "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))));
        Assert.False(TrySet(ec, OfUnknownCurve(ec)));
        Assert.False(TrySet(ec, "no key"));
        Assert.False(TrySet(ec, ""));
    }

    [Theory]
    [InlineData("P-256", "P-256")]
    [InlineData("P-256", "P-384")]
    [InlineData("RSA 2048", "RSA 2048")]
    [InlineData("P-256", "RSA 2048")]
    [InlineData("RSA 2048", "P-256")]
    public void GnuTls_KeyOfAnotherCertificate_IsRefused(string kind, string other)
    {
        using var key = Create(kind);
        using var stranger = Create(other);
        var error = Assert.Throws<TlsException>(() => TrySet(key, stranger.ExportPkcs8PrivateKeyPem()));
        Assert.Contains("certificate and key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GnuTls_ChainThatIsNone_IsRefused()
    {
        using var key = Create("P-256");
        var error = Assert.Throws<TlsException>(() => TrySet("no chain"u8, key.ExportPkcs8PrivateKeyPem()));
        Assert.Contains("certificate and key", error.Message, StringComparison.Ordinal);
    }

    private static bool TrySet(AsymmetricAlgorithm certified, string key) => TrySet(CertificateOf(certified), key);

    private static unsafe bool TrySet(ReadOnlySpan<byte> chain, string key)
    {
        nint native;
        Assert.Equal(0, NativeMethods.gnutls_certificate_allocate_credentials(&native));
        using var credentials = new CredentialsHandle(native);
        return SigningKey.TrySet(credentials, chain, Encoding.ASCII.GetBytes(key));
    }

    /// <summary>The object identifier of P-256 is another, of no curve: to libcrypto as those that its build leaves out.</summary>
    private static string OfUnknownCurve(ECDsa p256)
    {
        var key = p256.ExportECPrivateKey();
        ReadOnlySpan<byte> curve = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
        key[key.AsSpan().IndexOf(curve) + curve.Length - 1] = 0x7f;
        return PemEncoding.WriteString("EC PRIVATE KEY", key);
    }

    private static AsymmetricAlgorithm Create(string kind) => kind.Split(' ', '-') switch
    {
        ["P", "256"] => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["P", "384"] => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        ["P", "521"] => ECDsa.Create(ECCurve.NamedCurves.nistP521),
        [_, var bits] => RSA.Create(int.Parse(bits)),
        _ => throw new ArgumentException(kind),
    };

    private static byte[] CertificateOf(AsymmetricAlgorithm key)
    {
        const string Name = $"CN={TestIdentity.ServerName}";
        var request = key is RSA rsa
            ? new CertificateRequest(Name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(Name, (ECDsa)key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(TestIdentity.ServerName);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
    }
}
