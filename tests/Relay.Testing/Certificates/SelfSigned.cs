using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Testing.Certificates;

/// <summary>Certificates that are their own authority.</summary>
public static class SelfSigned
{
    /// <summary>A server's certificate, with its key, for a month from now.</summary>
    /// <param name="names">Names and addresses that it is for; the first is its subject's as well.</param>
    public static X509Certificate2 Create(params string[] names)
    {
        var now = DateTimeOffset.UtcNow;
        return Create(now.AddDays(-1), now.AddDays(30), names);
    }

    /// <summary>The same for another time.</summary>
    public static X509Certificate2 Create(DateTimeOffset from, DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(AlternativeNames(names));
        return request.CreateSelfSigned(from, until);
    }

    /// <summary>The key of a certificate that has one, as programs read it.</summary>
    public static string ExportKeyPem(this X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("The certificate has no ECDSA key.");
        return key.ExportPkcs8PrivateKeyPem();
    }

    internal static X509Extension AlternativeNames(string[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (System.Net.IPAddress.TryParse(name, out var address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }
}
