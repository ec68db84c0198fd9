using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Admin.Identity;

/// <summary>The certificate chain and key that HTTPS is served with. Immutable.</summary>
internal sealed class TlsIdentity
{
    private readonly SslStreamCertificateContext _context;

    private TlsIdentity(SslStreamCertificateContext context) => _context = context;

    /// <summary>When the certificate runs out.</summary>
    public DateTimeOffset Expires => _context.TargetCertificate.NotAfter;

    /// <summary>The files that a configuration names.</summary>
    public static FileGroup FilesOf(AdminConfig config) => new("the admin certificate",
    [
        new NamedFile("--tls-cert-path", config.TlsCertPath),
        new NamedFile("--tls-private-key-path", config.TlsPrivateKeyPath),
    ]);

    /// <summary>Makes one of PEM files.</summary>
    /// <param name="files">The chain, leaf first, and the key.</param>
    /// <param name="contents">What is in them.</param>
    /// <exception cref="StartException">They are not PEM, or do not fit each other; the message names which.</exception>
    public static TlsIdentity Load(FileGroup files, FileContents contents) => PemIdentity.Load(files, contents, static (leaf, others) =>
    {
        using var loaded = leaf;
        // Through PKCS #12, so that the key is one that the TLS stack can use on every platform.
        var identity = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
        return new TlsIdentity(SslStreamCertificateContext.Create(identity, others, offline: true));
    });

    /// <summary>What a handshake is to be done with.</summary>
    public SslServerAuthenticationOptions ToOptions() => new()
    {
        ServerCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
    };
}
