using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Hosting.Files;
using Relay.Testing.Certificates;

namespace Relay.Node.Tests.Identity;

public class CertificateFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly FileGroup Files = new("certificates", [new("--chain", "chain.pem"), new("--key", "key.pem")]);

    [Theory]
    [InlineData(-30, -1.0, "has expired on 2026-05-31 12:00 UTC")]
    [InlineData(-30, 0.0, "has expired on 2026-06-01 12:00 UTC")]
    [InlineData(-30, 0.5, "expires on 2026-06-02 00:00 UTC, in 0 day(s)")]
    [InlineData(-30, 14.0, "expires on 2026-06-15 12:00 UTC, in 14 day(s)")]
    [InlineData(-30, 14.1, null)]
    [InlineData(1, 30.0, "is not valid before 2026-06-02 12:00 UTC")]
    public void Notices_AreOfWhatEndsWithinAFortnight(int from, double until, string? notice)
    {
        using var certificate = SelfSigned.Create(Now.AddDays(from), Now.AddDays(until), "a.example");
        string[] expected = notice is null ? [] : [$"--chain chain.pem: the certificate of CN=a.example {notice}"];
        Assert.Equal(expected, Notices(certificate.ExportCertificatePem()));
    }

    [Fact]
    public void Notices_AreOfEachCertificateOfAFile()
    {
        using var leaf = SelfSigned.Create(Now.AddDays(-9), Now.AddDays(90), "leaf.example");
        using var authority = SelfSigned.Create(Now.AddDays(-9), Now.AddDays(1), "authority.example");
        Assert.Equal(
            ["--chain chain.pem: the certificate of CN=authority.example expires on 2026-06-02 12:00 UTC, in 1 day(s)"],
            Notices($"{leaf.ExportCertificatePem()}\n{authority.ExportCertificatePem()}\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void Notices_OfWhatCannotBeRead_AreNone(string content) => Assert.Empty(Notices(content));

    [Fact]
    public void Fault_OfAPairThatFits_IsNone()
    {
        using var certificate = SelfSigned.Create("a.example");
        Assert.Null(FaultOf(certificate.ExportCertificatePem(), certificate.ExportKeyPem()));
        using var rsa = RSA.Create(2048);
        Assert.Null(FaultOf(OfRsa(rsa), rsa.ExportRSAPrivateKeyPem()));
    }

    [Fact]
    public void Fault_OfTheChain_NamesIt()
    {
        using var certificate = SelfSigned.Create("a.example");
        var key = certificate.ExportKeyPem();
        Assert.Equal("--chain chain.pem: there is no certificate", FaultOf("", key));
        Assert.Equal("--chain chain.pem: there is no certificate, but a private key", FaultOf(key, key));
        Assert.StartsWith(
            "--chain chain.pem: a certificate cannot be read: ",
            FaultOf("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key), StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfTheKey_NamesIt()
    {
        using var certificate = SelfSigned.Create("a.example");
        var chain = certificate.ExportCertificatePem();
        Assert.Equal("--key key.pem: there is no private key", FaultOf(chain, "no key"));
        Assert.Equal("--key key.pem: there is no private key, but a certificate", FaultOf(chain, chain));
        using var key = certificate.GetECDsaPrivateKey()!;
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem(
            "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1));
        Assert.Equal("--key key.pem: the key has a passphrase, and nobody is there to say it", FaultOf(chain, encrypted));
    }

    [Fact]
    public void Fault_OfAKeyOfAnother_NamesBoth()
    {
        using var certificate = SelfSigned.Create("a.example");
        using var other = SelfSigned.Create("b.example");
        using var rsa = RSA.Create(2048);
        const string fault = "--key key.pem: it is not the key of the certificate in --chain chain.pem";
        Assert.Equal(fault, FaultOf(certificate.ExportCertificatePem(), other.ExportKeyPem()));
        Assert.Equal(fault, FaultOf(certificate.ExportCertificatePem(), rsa.ExportPkcs8PrivateKeyPem()));
        Assert.Equal(fault, FaultOf(OfRsa(rsa), other.ExportKeyPem()));
    }

    private static string OfRsa(RSA key)
    {
        var request = new CertificateRequest("CN=rsa.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(Now, Now.AddDays(90));
        return certificate.ExportCertificatePem();
    }

    private static string? FaultOf(string chain, string key) => CertificateFile.FaultOf(Files, Contents(chain, key));

    private static IEnumerable<string> Notices(string chain) =>
        CertificateFile.Notices(Files, Contents(chain, ""), Now);

    private static FileContents Contents(string chain, string key) =>
        new([Encoding.ASCII.GetBytes(chain), Encoding.ASCII.GetBytes(key)]);
}
