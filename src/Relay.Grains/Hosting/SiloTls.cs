using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace Relay.Grains.Hosting;

/// <summary>
/// What a silo shows the others, and whom it takes for one of them: who shows a certificate that its authorities have signed, for
/// the name that its own is for. Immutable.
/// </summary>
/// <remarks>
/// Silos find each other by address, of which a certificate knows nothing where pods come and go. What they share is a name, and an
/// authority: a certificate of the same authority for another purpose, such as a coordinator's for HTTPS, makes nobody a silo.
/// </remarks>
public sealed class SiloTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _leaf;
    private readonly SslStreamCertificateContext _context;
    private readonly X509Certificate2Collection _authorities;
    private readonly string _name;

    private SiloTls(
        X509Certificate2 leaf, SslStreamCertificateContext context, X509Certificate2Collection authorities, string name) =>
        (_leaf, _context, _authorities, _name) = (leaf, context, authorities, name);

    /// <summary>Makes one.</summary>
    /// <param name="leaf">The silo's certificate, with its key.</param>
    /// <param name="others">What stands between it and the authority.</param>
    /// <param name="authorities">Who signs certificates of silos.</param>
    /// <exception cref="ArgumentException">No other silo would take it for one; the message says why.</exception>
    public static SiloTls Create(
        X509Certificate2 leaf, X509Certificate2Collection others, X509Certificate2Collection authorities)
    {
        var uses = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Select(static one => one.EnhancedKeyUsages.Cast<Oid>().Select(static use => use.Value).ToHashSet()).ToList();
        if (uses.Exists(static one => !one.Contains(ServerAuthentication) || !one.Contains(ClientAuthentication)))
            throw new ArgumentException("a silo's certificate is for servers and for clients (extended key usage serverAuth, clientAuth)");
        var name = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static one => one.EnumerateDnsNames()).FirstOrDefault(static one => !one.Contains('*', StringComparison.Ordinal))
            ?? throw new ArgumentException("a silo's certificate is for a DNS name, the same for all silos");
        // A certificate that is over is spoken of where files are read, and others refuse it; the fleet is not ended for it.
        var policy = Trust(authorities);
        policy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        policy.ExtraStore.AddRange(others);
        using (var chain = new X509Chain { ChainPolicy = policy })
        {
            if (!chain.Build(leaf))
                throw new ArgumentException(
                    $"the authorities have not signed it: {chain.ChainStatus.FirstOrDefault().StatusInformation?.Trim()}");
        }
        // Through PKCS #12, so that the key is one that the TLS stack can use on every platform.
        var identity = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
        return new SiloTls(identity, SslStreamCertificateContext.Create(identity, others, offline: true), authorities, name);
    }

    /// <summary>When the silo's certificate runs out.</summary>
    internal DateTimeOffset Expires => _leaf.NotAfter;

    /// <summary>Has a silo talk to others by TLS alone, in which both show who they are.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="current">What holds for the next connection.</param>
    internal static void Use(ISiloBuilder silo, Func<SiloTls> current) => silo.UseTls(options =>
    {
        options.LocalCertificate = current()._leaf;
        options.RemoteCertificateMode = options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        options.RemoteCertificateValidation = (certificate, _, errors) =>
            errors == SslPolicyErrors.None && certificate.MatchesHostname(current()._name, allowCommonName: false);
        options.OnAuthenticateAsServer = (_, one) => current().Apply((SslServerAuthenticationOptions)one.SslServerAuthenticationOptions);
        options.OnAuthenticateAsClient = (_, one) => current().Apply((SslClientAuthenticationOptions)one.SslClientAuthenticationOptions);
    });

    private static X509ChainPolicy Trust(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private void Apply(SslServerAuthenticationOptions options)
    {
        (options.ServerCertificate, options.ServerCertificateSelectionCallback) = (null, null);
        (options.ServerCertificateContext, options.CertificateChainPolicy) = (_context, Trust(_authorities));
        // Each connection by what holds now: a session that goes on has the certificates that it began with.
        options.AllowTlsResume = false;
    }

    private void Apply(SslClientAuthenticationOptions options)
    {
        (options.ClientCertificates, options.LocalCertificateSelectionCallback) = (null, null);
        (options.ClientCertificateContext, options.CertificateChainPolicy) = (_context, Trust(_authorities));
        (options.TargetHost, options.AllowTlsResume) = (_name, false);
    }
}
