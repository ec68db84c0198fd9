using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>
/// What an authority's certificate lets those below it be called (RFC 5280 §4.2.1.10), of the kind of names that clients are
/// known by. The TLS library judges it too, but not enough: GnuTLS passes over URIs that are permitted, and releases of it
/// compare the case of hosts (CVE-2026-3833), or forget what is permitted below an authority that only excludes
/// (CVE-2026-42011).
/// </summary>
internal static class NameConstraints
{
    private const string Constraints = "2.5.29.30";
    private const string SubjectAlternativeName = "2.5.29.17";

    // The tags of a GeneralName.
    private const int Mail = 1;
    private const int Dns = 2;

    /// <summary>Who of a path may not name its client so; null where everybody may.</summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    /// <param name="kind">Of which names, by their tag as a GeneralName: 1, 2 or 6.</param>
    /// <exception cref="AsnContentException">One has an extension that is none.</exception>
    internal static X500DistinguishedName? Refuser(IReadOnlyList<byte[]> path, int kind)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(path[0]);
        var names = new List<Name>();
        foreach (var extension in Extensions(leaf, SubjectAlternativeName))
        {
            while (extension.HasData)
            {
                if (ReadName(extension, kind) is { } name)
                    names.Add(Name.Of(name, kind));
            }
        }
        // Also of the trusted authority: RFC 5280 §6.2 lets a trust anchor have constraints.
        foreach (var der in names.Count > 0 ? path.Skip(1) : [])
        {
            using var authority = X509CertificateLoader.LoadCertificate(der);
            if (!Extensions(authority, Constraints).All(constraints => Allows(constraints, kind, names)))
                return authority.SubjectName;
        }
        return null;
    }

    private static bool Allows(AsnReader constraints, int kind, List<Name> names)
    {
        while (constraints.HasData)
        {
            // 0: permittedSubtrees, 1: excludedSubtrees.
            var isPermitted = constraints.PeekTag().TagValue == 0;
            var subtrees = constraints.ReadSequence(constraints.PeekTag());
            var own = new List<string>();
            while (subtrees.HasData)
            {
                var subtree = subtrees.ReadSequence();
                if (ReadName(subtree, kind) is { } name)
                    own.Add(name);
                // "The minimum MUST be zero, and maximum MUST be absent": their tags are those of names.
                subtree.ThrowIfNotEmpty();
            }
            // A name without a host, or with an address for one, is to be refused wherever there is a constraint of its kind.
            if (own.Count > 0
                && !names.TrueForAll(name => name.Host is not null && own.Exists(c => name.IsOf(c, kind)) == isPermitted))
                return false;
        }
        return true;
    }

    private static List<AsnReader> Extensions(X509Certificate2 certificate, string id) =>
        [.. certificate.Extensions.Where(extension => extension.Oid?.Value == id)
            .Select(static extension => new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence())];

    private static string? ReadName(AsnReader names, int kind)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, kind);
        if (names.PeekTag().HasSameClassAndValue(tag))
            return names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
        _ = names.ReadEncodedValue();
        return null;
    }

    /// <summary>What of a name is compared.</summary>
    /// <param name="Mailbox">What is before the host of an address of mail.</param>
    /// <param name="Host">Null where there is none.</param>
    private readonly record struct Name(string Mailbox, string? Host)
    {
        internal static Name Of(string name, int kind)
        {
            var at = kind == Mail ? name.LastIndexOf('@') : -1;
            var host = kind switch
            {
                Mail => at > 0 ? name[(at + 1)..] : "",
                Dns => name,
                _ => Uri.TryCreate(name, UriKind.Absolute, out var uri) && uri.HostNameType == UriHostNameType.Dns ? uri.Host : "",
            };
            host = WithoutRoot(host);
            return new Name(at > 0 ? name[..at] : "", host.Length > 0 ? host : null);
        }

        /// <summary>Whether it is one of those that a constraint speaks of.</summary>
        internal bool IsOf(string constraint, int kind)
        {
            var at = kind == Mail ? constraint.LastIndexOf('@') : -1;
            if (at > 0 && constraint[..at] != Mailbox)
                return false;
            constraint = WithoutRoot(constraint[(at + 1)..]);
            // An empty one is of all. One that begins with a period is of the hosts below it, and not of that one itself; else it
            // is one host, and of the DNS those below as well.
            return constraint.Length == 0
                || (constraint.StartsWith('.') ? IsBelow(constraint)
                    : constraint.Equals(Host, StringComparison.OrdinalIgnoreCase) || (kind == Dns && IsBelow("." + constraint)));
        }

        private bool IsBelow(string domain) =>
            Host!.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && Host.Length > domain.Length;

        private static string WithoutRoot(string host) => host.EndsWith('.') ? host[..^1] : host;
    }
}
