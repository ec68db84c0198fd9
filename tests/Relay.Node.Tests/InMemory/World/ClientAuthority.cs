using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Native.Tls;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>An authority of clients, and what it signs.</summary>
internal sealed class ClientAuthority
{
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2 _certificate;
    private readonly ClientAuthority? _parent;

    public ClientAuthority(string name = "Clients", ClientAuthority? parent = null)
    {
        _parent = parent;
        _certificate = Sign(parent?._certificate, name, new Leaf
        {
            IsAuthority = true,
            // Longer than what it signs, though that is made a second later.
            From = TimeSpan.FromDays(-2),
            To = TimeSpan.FromDays(2),
            Usage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature,
            Purpose = null,
        });
    }

    /// <summary>What a server is given to trust.</summary>
    public byte[] Pem => Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem());

    /// <summary>A client that shows a certificate of this authority, and those between it and the root.</summary>
    public TlsContext Client(Leaf? leaf = null) => Client(leaf, out _);

    public TlsContext Client(Leaf? leaf, out string sha256) => Client(leaf, out sha256, out _);

    /// <param name="leaf">What its certificate says.</param>
    /// <param name="sha256">The hash of that.</param>
    /// <param name="pem">The certificate.</param>
    public TlsContext Client(Leaf? leaf, out string sha256, out byte[] pem)
    {
        using var certificate = Sign(_certificate, "client", leaf ?? new Leaf());
        sha256 = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        pem = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
        var chain = new StringBuilder(certificate.ExportCertificatePem());
        for (var above = this; above._parent is not null; above = above._parent)
            chain.Append('\n').Append(above._certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        return TlsContext.CreateClient(
            TestIdentity.Certificate, verifyPeer: true, Encoding.ASCII.GetBytes(chain.ToString()),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>A client that shows this authority's own certificate.</summary>
    public TlsContext AsClient()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return TlsContext.CreateClient(
            TestIdentity.Certificate, verifyPeer: true, Pem, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    private static X509Certificate2 Sign(X509Certificate2? issuer, string name, Leaf leaf)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(leaf.IsAuthority, false, 0, true));
        if (leaf.Usage is { } usage)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        if (leaf.Purpose is { } purpose)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (leaf.Padding > 0)
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.55555.1", new byte[leaf.Padding], false));
        // Read once: certificates count in whole seconds, and a second reading may be of the next.
        var now = DateTimeOffset.UtcNow;
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-20), now.AddDays(20));
        using var signed = request.Create(issuer, now + leaf.From, now + leaf.To, RandomNumberGenerator.GetBytes(15));
        return signed.CopyWithPrivateKey(key);
    }
}

/// <summary>What a certificate says; by default it is right.</summary>
internal sealed record Leaf
{
    public TimeSpan From { get; init; } = TimeSpan.FromDays(-1);

    public TimeSpan To { get; init; } = TimeSpan.FromDays(1);

    public X509KeyUsageFlags? Usage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public string? Purpose { get; init; } = ClientAuthority.ClientAuthentication;

    public bool IsAuthority { get; init; }

    /// <summary>Bytes of an extension that nobody knows.</summary>
    public int Padding { get; init; }
}
