using System.Security.Cryptography.X509Certificates;
using Relay.Testing.Processes;

namespace Relay.Testing.Certificates;

/// <summary>A certificate and its key as the PEM files that programs read.</summary>
public sealed record CertificateFiles(string Certificate, string Key)
{
    public static CertificateFiles Write(ScratchFolder folder, string name, X509Certificate2 certificate) =>
        new(
            folder.Write($"{name}.pem", certificate.ExportCertificatePem()),
            folder.Write($"{name}.key", certificate.ExportKeyPem()));
}
