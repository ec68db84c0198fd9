using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>
/// What hosts an authority's certificate lets URIs below it name (RFC 5280 §4.2.1.10). GnuTLS passes over those that are
/// permitted, so that an authority of one domain would name clients of any.
/// </summary>
internal static class UriConstraints
{
    private const string NameConstraints = "2.5.29.30";
    private const string SubjectAlternativeName = "2.5.29.17";

    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Whether every URI in a certificate is one that the authorities above it may name.</summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    /// <exception cref="AsnContentException">One has an extension that is none.</exception>
    internal static bool Allow(IReadOnlyList<byte[]> path)
    {
        var hosts = Extension(path[0], SubjectAlternativeName).SelectMany(static names => Names(names.ReadSequence()))
            .Select(HostOf).ToList();
        return hosts.Count == 0 || path.Skip(1).All(authority =>
            Extension(authority, NameConstraints).All(constraints => Allows(constraints.ReadSequence(), hosts)));
    }

    private static bool Allows(AsnReader constraints, List<string?> hosts)
    {
        while (constraints.HasData)
        {
            // 0: permittedSubtrees, 1: excludedSubtrees.
            var isPermitted = constraints.PeekTag().TagValue == 0;
            var subtrees = constraints.ReadSequence(constraints.PeekTag());
            var own = new List<string>();
            while (subtrees.HasData)
                own.AddRange(Names(subtrees.ReadSequence()));
            // A URI without a host, or with an address for one, is to be refused wherever there is a constraint of URIs.
            if (own.Count > 0 && !hosts.TrueForAll(host => host is not null && own.Exists(c => Covers(c, host)) == isPermitted))
                return false;
        }
        return true;
    }

    // One that begins with a period is of the hosts below it, and not of that one itself; else it is one host.
    private static bool Covers(string constraint, string host) =>
        constraint.StartsWith('.') ? host.EndsWith(constraint, StringComparison.OrdinalIgnoreCase) && host.Length > constraint.Length
        : host.Equals(constraint, StringComparison.OrdinalIgnoreCase);

    /// <summary>A URI's host; null for one without, and for an address, which no constraint speaks of.</summary>
    private static string? HostOf(string uri) =>
        System.Uri.TryCreate(uri, UriKind.Absolute, out var read) && read.HostNameType == UriHostNameType.Dns ? read.Host : null;

    private static IEnumerable<AsnReader> Extension(byte[] certificate, string id)
    {
        using var read = X509CertificateLoader.LoadCertificate(certificate);
        return [.. read.Extensions.Where(extension => extension.Oid?.Value == id)
            .Select(static extension => new AsnReader(extension.RawData, AsnEncodingRules.DER))];
    }

    private static List<string> Names(AsnReader names)
    {
        var uris = new List<string>();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(Uri))
                uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
            else
                _ = names.ReadEncodedValue();
        }
        return uris;
    }
}
