using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Admin.Apple;

/// <summary>Signs configuration profiles, so that a device says whose they are (CMS, RFC 5652). Immutable.</summary>
internal sealed class ProfileSigner
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    private readonly X509Certificate2 _leaf;
    private readonly X509Certificate2Collection _others;

    private ProfileSigner(X509Certificate2 leaf, X509Certificate2Collection others) => (_leaf, _others) = (leaf, others);

    /// <summary>When its certificate runs out.</summary>
    public DateTimeOffset Expires => _leaf.NotAfter;

    /// <summary>Makes one of PEM files.</summary>
    /// <param name="files">The chain, leaf first, and the key.</param>
    /// <param name="contents">What is in them.</param>
    /// <exception cref="StartException">They are not PEM, or do not fit each other; the message names which.</exception>
    public static ProfileSigner Load(FileGroup files, FileContents contents) => PemIdentity.Load(files, contents, static (leaf, others) =>
    {
        var signer = new ProfileSigner(leaf, others);
        // A key may fit its certificate that must not sign, as one for key agreement.
        signer.Sign([0], DateTimeOffset.UnixEpoch);
        return signer;
    });

    /// <summary>The profile within its signature, with the certificates to verify it by.</summary>
    public byte[] Sign(byte[] profile, DateTimeOffset now)
    {
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _leaf)
        {
            IncludeOption = X509IncludeOption.EndCertOnly,
            DigestAlgorithm = new Oid(Sha256),
            SignedAttributes = { new Pkcs9SigningTime(now.UtcDateTime) },
        };
        signer.Certificates.AddRange(_others);
        var cms = new SignedCms(new ContentInfo(profile));
        cms.ComputeSignature(signer);
        return cms.Encode();
    }
}

/// <summary>Who signs profiles now; nobody where that is not configured.</summary>
internal sealed class ProfileSigning(WatchedValue<ProfileSigner>? signer)
{
    /// <summary>Whether profiles are signed.</summary>
    public bool IsOn => signer is not null;

    /// <summary>The profile as it is to be given out.</summary>
    public byte[] Finish(byte[] profile, DateTimeOffset now) => signer?.Current.Sign(profile, now) ?? profile;
}
