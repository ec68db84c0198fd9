using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Testing.Certificates;

/// <summary>A certificate authority of the test's own, trusted by whoever is given its certificate.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name = "Interop Test Authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60));
    }

    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Takes any certificate of a server: whose it is is not what is tested.</summary>
    public static HttpClientHandler NotAsked() => new()
    {
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    };

    /// <summary>A server's certificate for these names, and for 127.0.0.1 where one of them is an address.</summary>
    public X509Certificate2 IssueServer(params string[] names) => Issue(
        names[0], [ServerAuthentication], SelfSigned.AlternativeNames(names),
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));

    /// <summary>A client's certificate.</summary>
    public X509Certificate2 IssueClient(string name) => Issue(name, [ClientAuthentication]);

    /// <summary>One for both, as silos of a cluster have.</summary>
    public X509Certificate2 IssueSilo(params string[] names) => Issue(
        "silo", [ServerAuthentication, ClientAuthentication], names.Length == 0 ? [] : [SelfSigned.AlternativeNames(names)]);

    /// <summary>A list of what is revoked, for an hour, in PEM.</summary>
    public string Revoke(params X509Certificate2[] certificates) => Revoke(DateTimeOffset.UtcNow.AddHours(1), certificates);

    /// <summary>The same until another time.</summary>
    public string Revoke(DateTimeOffset until, params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in certificates)
            list.AddEntry(certificate);
        return PemEncoding.WriteString(
            "X509 CRL", list.Build(_certificate, 1, until, HashAlgorithmName.SHA256, thisUpdate: until.AddHours(-1)));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string name, string[] purposes, params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(static one => new Oid(one))], false));
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.Create(
            _certificate, now.AddHours(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(15));
        return certificate.CopyWithPrivateKey(key);
    }
}
