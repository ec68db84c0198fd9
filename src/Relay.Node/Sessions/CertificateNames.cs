using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Node.Sessions;

/// <summary>How clients' certificates name them: by themselves, or by a name that their authority has put into them.</summary>
internal sealed class CertificateNames
{
    /// <summary>The longest name: an identity has 256 characters at most.</summary>
    private const int MaxName = 256 - 9;

    private const string SubjectAlternativeName = "2.5.29.17";

    private readonly string _kind;
    private readonly int _tag;

    // RFC 5280 §7.2, §7.4 and §7.5: names that are the same have one spelling, with schemes and hosts in lower case. Who chooses
    // his own, as many authorities let him, would else be another client, whom a limit does not hold.
    private readonly Func<string, string> _spell;

    private CertificateNames(string kind, int tag, Func<string, string> spell) => (_kind, _tag, _spell) = (kind, tag, spell);

    /// <summary>By the SHA-256 of the certificate.</summary>
    public static CertificateNames Fingerprint { get; } = new("fingerprint", -1, static name => name);

    // RFC 5280 §4.2.1.6: the tags of a GeneralName.

    /// <summary>By the first address of mail.</summary>
    public static CertificateNames Email { get; } = new("email", 1, SpellEmail);

    /// <summary>By the first name of the DNS.</summary>
    public static CertificateNames Dns { get; } = new("dns", 2, static name => name.ToLowerInvariant());

    /// <summary>By the first URI.</summary>
    public static CertificateNames Uri { get; } = new("uri", 6, SpellUri);

    /// <summary>All, as options call them.</summary>
    public static IReadOnlyList<CertificateNames> All { get; } = [Fingerprint, Email, Dns, Uri];

    /// <summary>The tag of these names as a GeneralName; null where certificates are known by themselves.</summary>
    public int? Kind => _tag < 0 ? null : _tag;

    /// <inheritdoc/>
    public override string ToString() => _kind;

    /// <summary>Whose a certificate is; one without such a name is known by its SHA-256.</summary>
    /// <param name="certificate">Its DER form; accepted.</param>
    public SessionIdentity IdentityOf(byte[] certificate) => NameOf(certificate) is { } name
        ? SessionIdentity.OfSubject($"{_kind}:{name}")
        : SessionIdentity.OfCertificate(SHA256.HashData(certificate));

    private string? NameOf(byte[] certificate)
    {
        if (_tag < 0)
            return null;
        try
        {
            using var read = X509CertificateLoader.LoadCertificate(certificate);
            // RFC 5280 §4.2: "A certificate MUST NOT include more than one instance of a particular extension." Of two, the TLS
            // library may have held another to an authority's name constraints than this would read.
            return read.Extensions.Where(static extension => extension.Oid?.Value == SubjectAlternativeName).ToArray() is [var names]
                ? FirstOf(names.RawData) : null;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    private string? FirstOf(byte[] names)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, _tag);
        var all = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
        while (all.HasData)
        {
            if (!all.PeekTag().HasSameClassAndValue(tag))
            {
                _ = all.ReadEncodedValue();
                continue;
            }
            var name = all.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            // It goes into lines of logs. One that cannot is nobody's name, and the next is not the first.
            return name.Length > 0 && _kind.Length + 1 + name.Length <= MaxName && name.All(static c => c is > ' ' and < (char)0x7f)
                ? _spell(name) : null;
        }
        return null;
    }

    private static string SpellEmail(string name) => Lower(name, name.LastIndexOf('@') + 1, name.Length);

    private static string SpellUri(string name)
    {
        var scheme = name.IndexOf(':');
        if (scheme < 0)
            return name;
        name = Lower(name, 0, scheme);
        if (!name.AsSpan(scheme).StartsWith("://"))
            return name;
        var end = name.AsSpan(scheme + 3).IndexOfAny("/?#") is var length and >= 0 ? scheme + 3 + length : name.Length;
        var user = name.AsSpan(0, end).LastIndexOf('@');
        return Lower(name, user < 0 ? scheme + 3 : user + 1, end);
    }

    private static string Lower(string name, int from, int to) =>
        string.Concat(name.AsSpan(0, from), name[from..to].ToLowerInvariant(), name.AsSpan(to));
}
