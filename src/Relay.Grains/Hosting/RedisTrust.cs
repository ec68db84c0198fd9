using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Grains.Hosting;

/// <summary>Trusts Redis's certificates by authorities of the operator's own, and by no others.</summary>
internal static class RedisTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Takes a certificate of the right name that the authorities in a file have signed, as it is at the moment.</summary>
    /// <param name="path">A PEM file. Where it cannot be read, no connection comes about.</param>
    internal static RemoteCertificateValidationCallback In(string path) => (_, certificate, shown, errors) =>
    {
        // Of a chain the system knows nothing; the name, and that there is a certificate, it has looked at.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(path);
        if (shown is not null)
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    };
}
