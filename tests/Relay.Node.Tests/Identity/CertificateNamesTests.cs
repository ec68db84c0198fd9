using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Node.Sessions;

namespace Relay.Node.Tests.Identity;

/// <summary>By what clients' certificates name them.</summary>
public class CertificateNamesTests
{
    private static readonly ClientAuthority Authority = new();

    [Theory]
    [InlineData("fingerprint", null)]
    [InlineData("email", "cert:san:email:alice@example.org")]
    [InlineData("dns", "cert:san:dns:phone.example")]
    [InlineData("uri", "cert:san:uri:spiffe://example.org/alice")]
    public void Certificate_WithNames_IsKnownByTheFirstOfTheKindThatIsAskedFor(string kind, string? identity)
    {
        using var certificate = Authority.Issue(new Leaf
        {
            Names = static names =>
            {
                names.AddIpAddress(IPAddress.Loopback);
                names.AddUri(new Uri("spiffe://example.org/alice"));
                names.AddDnsName("phone.example");
                names.AddEmailAddress("alice@example.org");
                names.AddEmailAddress("bob@example.org");
                names.AddDnsName("other.example");
            },
        });
        Assert.Equal(identity ?? Fingerprint(certificate), Of(kind).IdentityOf(certificate.RawData).Text);
        Assert.Equal(IdentityKind.Certificate, Of(kind).IdentityOf(certificate.RawData).Kind);
    }

    [Fact]
    public void Certificate_WithoutSuchAName_IsKnownByItsHash()
    {
        using var none = Authority.Issue(new Leaf());
        using var other = Authority.Issue(new Leaf { Names = static names => names.AddDnsName("a.example") });
        Assert.Equal(Fingerprint(none), CertificateNames.Email.IdentityOf(none.RawData).Text);
        Assert.Equal(Fingerprint(other), CertificateNames.Email.IdentityOf(other.RawData).Text);
    }

    [Theory]
    [InlineData("alice and bob@example.org")]
    [InlineData("alice\nidentity=bob@example.org")]
    public void Name_ThatCannotBeShown_IsNobodys(string name)
    {
        using var certificate = Authority.Issue(new Leaf { Names = names => names.AddEmailAddress(name) });
        Assert.Equal(Fingerprint(certificate), CertificateNames.Email.IdentityOf(certificate.RawData).Text);
    }

    /// <summary>RFC 5280 §7: what many authorities let a client choose makes no second client of him.</summary>
    [Theory]
    [InlineData("email", "Alice@Example.ORG", "Alice@example.org")]
    [InlineData("email", "Example.ORG", "example.org")]
    [InlineData("dns", "Phone.Example", "phone.example")]
    [InlineData("uri", "SPIFFE://Example.ORG/Alice", "spiffe://example.org/Alice")]
    [InlineData("uri", "HTTPS://Alice@Example.ORG?A#B", "https://Alice@example.org?A#B")]
    [InlineData("uri", "https://Example.ORG", "https://example.org")]
    [InlineData("uri", "URN:Device:A", "urn:Device:A")]
    [InlineData("uri", "Nothing", "Nothing")]
    public void Name_InAnotherSpelling_IsTheSame(string kind, string name, string identity)
    {
        using var certificate = Sign(ClientAuthority.NamesOf((kind switch { "email" => 1, "dns" => 2, _ => 6 }, name)));
        Assert.Equal($"cert:san:{kind}:{identity}", Of(kind).IdentityOf(certificate.RawData).Text);
    }

    /// <summary>RFC 5280 §4.2: whose names an authority above was held to is not known.</summary>
    [Fact]
    public void Certificate_WithNamesTwice_IsKnownByItsHash()
    {
        // Nobody signs such a one here: of the second names it is said afterwards that they are the subject's as well.
        var second = ClientAuthority.NamesOf((1, "root@example.org"));
        second.Oid = new Oid("2.5.29.18");
        using var signed = Sign(ClientAuthority.NamesOf((1, "alice@example.org")), second);
        var bytes = signed.RawData;
        bytes[bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x06, 0x03, 0x55, 0x1d, 0x12]) + 4] = 0x11;
        using var certificate = X509CertificateLoader.LoadCertificate(bytes);
        Assert.Equal(2, certificate.Extensions.Count(static extension => extension.Oid?.Value == "2.5.29.17"));
        Assert.Equal(Fingerprint(certificate), CertificateNames.Email.IdentityOf(certificate.RawData).Text);
    }

    [Fact]
    public void Name_AsLongAsMayBe_AndLonger()
    {
        var longest = 256 - "cert:san:email:".Length;
        foreach (var (length, fits) in new[] { (longest, true), (longest + 1, false) })
        {
            using var certificate = Authority.Issue(new Leaf { Names = names => names.AddEmailAddress(new string('a', length)) });
            var identity = CertificateNames.Email.IdentityOf(certificate.RawData).Text;
            Assert.Equal(fits, identity.StartsWith("cert:san:email:a", StringComparison.Ordinal));
            Assert.InRange(identity.Length, 1, 256);
        }
    }

    [Fact]
    public void Certificate_ThatCannotBeRead_IsKnownByItsHash() => Assert.StartsWith(
        "certificate:", CertificateNames.Uri.IdentityOf([1, 2, 3]).Text, StringComparison.Ordinal);

    private static CertificateNames Of(string kind) => CertificateNames.All.First(names => names.ToString() == kind);

    private static string Fingerprint(X509Certificate2 certificate) =>
        "certificate:" + Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    private static X509Certificate2 Sign(params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
