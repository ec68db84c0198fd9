using System.Formats.Asn1;
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
    public const string AnyPurpose = "2.5.29.37.0";

    private readonly X509Certificate2 _certificate;
    private readonly ClientAuthority? _parent;

    public ClientAuthority(string name = "Clients", ClientAuthority? parent = null, Leaf? leaf = null)
    {
        _parent = parent;
        _certificate = Sign(parent?._certificate, name, leaf ?? Authority);
    }

    /// <summary>What an authority's certificate says.</summary>
    public static Leaf Authority { get; } = new()
    {
        IsAuthority = true,
        // Longer than what it signs, though that is made a second later.
        From = TimeSpan.FromDays(-2),
        To = TimeSpan.FromDays(2),
        Usage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature,
        Purpose = null,
    };

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
        using var certificate = Issue(leaf ?? new Leaf());
        sha256 = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        pem = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
        return Show(certificate, leaf?.Sent ?? int.MaxValue);
    }

    /// <summary>A client's certificate.</summary>
    public X509Certificate2 Issue(Leaf leaf) => Sign(_certificate, "client", leaf);

    /// <summary>A client that shows one, and so many in all of those between it and the root.</summary>
    public TlsContext Show(X509Certificate2 certificate, int most = int.MaxValue)
    {
        var others = new List<ClientAuthority>();
        for (var above = this; above._parent is not null && --most > 0; above = above._parent)
            others.Add(above);
        return Show(certificate, [.. others]);
    }

    /// <summary>A client that shows a certificate, and then those of these.</summary>
    public static TlsContext Show(X509Certificate2 certificate, ClientAuthority[] others)
    {
        var chain = new StringBuilder(certificate.ExportCertificatePem());
        foreach (var other in others)
            chain.Append('\n').Append(other._certificate.ExportCertificatePem());
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        return TlsContext.CreateClient(
            TestIdentity.Certificate, verifyPeer: true, Encoding.ASCII.GetBytes(chain.ToString()),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>A list of what is revoked, in PEM.</summary>
    public byte[] Revoke(params X509Certificate2[] certificates) =>
        Revoke(TimeSpan.FromHours(-1), TimeSpan.FromHours(1), certificates);

    /// <summary>The same of an authority that this one has signed.</summary>
    public byte[] Revoke(ClientAuthority authority) => Revoke(authority._certificate);

    /// <summary>The same for another time.</summary>
    public byte[] Revoke(TimeSpan from, TimeSpan to, params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in certificates)
            list.AddEntry(certificate);
        var now = DateTimeOffset.UtcNow;
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString(
            "X509 CRL", list.Build(_certificate, 1, now + to, HashAlgorithmName.SHA256, thisUpdate: now + from)));
    }

    /// <summary>A list as it is wanted, in PEM.</summary>
    public byte[] Revoke(ClientList list) => ClientList.Pem(list.Sign(_certificate));

    /// <summary>A certificate of this authority, and those above it, in DER: the root's last.</summary>
    public List<byte[]> PathOf(X509Certificate2 leaf)
    {
        var path = new List<byte[]> { leaf.RawData };
        for (var above = this; above is not null; above = above._parent)
            path.Add(above._certificate.RawData);
        return path;
    }

    /// <summary>This authority's own certificate.</summary>
    public X509Certificate2 Certificate => _certificate;

    /// <summary>Names beside the subject's, in any spelling.</summary>
    public static X509Extension NamesOf(params (int Tag, string Name)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (tag, name) in names)
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, tag));
        }
        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
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
        using var rsa = leaf.RsaBits is { } bits ? RSA.Create(bits) : null;
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsa is null ? new CertificateRequest($"CN={name}", ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            leaf.IsAuthority, leaf.PathLength is not null, leaf.PathLength ?? 0, true));
        if (leaf.Usage is { } usage)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        if (leaf.Purpose is { } purpose)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (leaf.IsAuthority)
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (leaf.Names is { } names)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }
        if (leaf.Permitted is not null || leaf.Excluded is not null)
            request.CertificateExtensions.Add(Constrain([(0, leaf.Permitted), (1, leaf.Excluded)]));
        foreach (var extension in leaf.Extensions)
            request.CertificateExtensions.Add(extension);
        if (leaf.Padding > 0)
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.55555.1", new byte[leaf.Padding], false));
        // Read once: certificates count in whole seconds, and a second reading may be of the next.
        var now = DateTimeOffset.UtcNow;
        if (issuer is null)
            return request.CreateSelfSigned(now.AddDays(-20), now.AddDays(20));
        // Also by who may not: that is what is tested.
        using var otherSigner = issuer.GetRSAPrivateKey();
        using var signer = issuer.GetECDsaPrivateKey();
        using var signed = request.Create(
            issuer.SubjectName,
            otherSigner is null ? X509SignatureGenerator.CreateForECDsa(signer!)
                : X509SignatureGenerator.CreateForRSA(otherSigner, RSASignaturePadding.Pkcs1),
            now + leaf.From, now + leaf.To, [1, .. RandomNumberGenerator.GetBytes(14)]);
        return rsa is null ? signed.CopyWithPrivateKey(ecdsa) : signed.CopyWithPrivateKey(rsa);
    }

    /// <summary>Name constraints (RFC 5280 §4.2.1.10): only such names below, and none of such.</summary>
    private static X509Extension Constrain((int Tag, (int Tag, string Name)? Names)[] subtrees)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var (tag, names) in subtrees)
            {
                if (names is not var (kind, name))
                    continue;
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, tag)))
                using (writer.PushSequence())
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, kind));
            }
        }
        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
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

    /// <summary>How many authorities may be below it; null for any.</summary>
    public int? PathLength { get; init; }

    /// <summary>The kind of name, by its tag, that what is below may only have so: 1 for mail, 2 for the DNS, 6 for URIs.</summary>
    public (int Tag, string Name)? Permitted { get; init; }

    /// <summary>The same of what it may not have.</summary>
    public (int Tag, string Name)? Excluded { get; init; }

    /// <summary>Others.</summary>
    public X509Extension[] Extensions { get; init; } = [];

    /// <summary>How long its key is where it is one of RSA.</summary>
    public int? RsaBits { get; init; }

    /// <summary>Names beside the subject's.</summary>
    public Action<SubjectAlternativeNameBuilder>? Names { get; init; }

    /// <summary>How many certificates its client sends, its own among them; null for all between it and the root.</summary>
    public int? Sent { get; init; }

    /// <summary>Bytes of an extension that nobody knows.</summary>
    public int Padding { get; init; }
}
