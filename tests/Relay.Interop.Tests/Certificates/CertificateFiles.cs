using System.Security.Cryptography.X509Certificates;
using Relay.Testing.Processes;

namespace Relay.Interop.Tests.Certificates;

/// <summary>A certificate and its key as the PEM files that programs read.</summary>
internal sealed record CertificateFiles(string Certificate, string Key)
{
    public static CertificateFiles Write(ScratchFolder folder, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("The certificate has no ECDSA key.");
        return new CertificateFiles(
            folder.Write($"{name}.pem", certificate.ExportCertificatePem()),
            folder.Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }
}
