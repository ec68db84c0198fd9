using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Native.Trust;

/// <summary>Lists of what authorities have revoked, as a file holds them. Immutable.</summary>
public sealed class RevocationLists
{
    /// <summary>The largest file, in bytes: some 300 000 certificates that are revoked.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Most lists of a file.</summary>
    public const int MaxLists = 1024;

    // The first octet of DER, and none of PEM's: "0", which nobody writes before "-----BEGIN".
    private const byte Sequence = 0x30;

    private readonly ILookup<string, RevocationList> _lists;
    private readonly RevocationList? _first;

    private RevocationLists(List<RevocationList> lists)
    {
        _lists = lists.ToLookup(static list => AuthorityName.Key(list.Issuer), StringComparer.Ordinal);
        _first = _lists.SelectMany(static own => Newest([.. own])).Where(static list => list.Until is not null)
            .MinBy(static list => list.Late);
    }

    /// <summary>When the first list is over whose successor should be there; null while none is late.</summary>
    /// <param name="now">The wall clock.</param>
    public DateTimeOffset? EndOfLate(DateTimeOffset now) => _first?.Late <= now ? _first.Until : null;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Lists in PEM, or one in DER, as authorities have it at the address that their certificates name.</param>
    /// <exception cref="TlsException">There is none, or one cannot be used.</exception>
    public static RevocationLists Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > MaxLength)
            throw new TlsException($"larger than {MaxLength} bytes");
        var lists = new List<RevocationList>();
        try
        {
            if (file is [Sequence, ..])
                lists.Add(RevocationList.Read(file.ToArray()));
            else
                ReadPem(Encoding.ASCII.GetString(file), lists);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or FormatException)
        {
            throw new TlsException($"list {lists.Count + 1} cannot be used: {e.Message}");
        }
        return lists.Count > 0 ? new RevocationLists(lists) : throw new TlsException("there is no list of revoked certificates");
    }

    /// <summary>What there is to say of the lists beside authorities that clients' certificates may lead to, a line each.</summary>
    /// <param name="authorities">They.</param>
    /// <param name="takesIntermediates">
    /// Whether others may be between them and clients: then nobody knows beforehand whose lists it takes.
    /// </param>
    public IEnumerable<string> Notices(IEnumerable<X509Certificate2> authorities, bool takesIntermediates)
    {
        foreach (var list in _lists.SelectMany(static own => Newest([.. own])).Where(static list => list.Until is null))
            yield return $"the list of {AuthorityName.Show(list.Issuer)} does not say when the next is due: it counts until it is replaced";
        foreach (var authority in authorities)
        {
            var name = AuthorityName.Show(authority.SubjectName);
            if (_lists[AuthorityName.Key(authority.IssuerName)].Any(list => list.Has(authority)))
                yield return $"{name} is revoked, which counts for nothing as long as it is among the authorities that are trusted";
            if (!takesIntermediates && !ListsOf(authority, ofAuthorities: false).Any())
                yield return $"there is no list of what {name} has revoked: nobody whom it signed is let in";
        }
    }

    /// <summary>
    /// What of a path is revoked, or not known not to be. There has to be a list of who signed the client's certificate; of
    /// whatever authority there are lists, one has to be in force, its own, and one that the certificate could be in.
    /// </summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    /// <param name="now">The wall clock.</param>
    /// <returns>A line for the log, without anything of clients; null for nothing.</returns>
    internal string? FaultOf(IReadOnlyList<byte[]> path, DateTimeOffset now)
    {
        for (var i = 0; i + 1 < path.Count; i++)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(path[i]);
            using var authority = X509CertificateLoader.LoadCertificate(path[i + 1]);
            var name = AuthorityName.Show(authority.SubjectName);
            var lists = ListsOf(authority, ofAuthorities: i > 0).ToList();
            if (lists.Count == 0 && i > 0)
                continue;
            if (lists.Count == 0)
                return $"there is no list of what {name} has revoked";
            var good = lists.FindAll(list => list.Scope.Fits(certificate) && list.IsGood(authority, now));
            if (good.Count == 0)
                return $"no list of {name} is in force, signed by its key and of the address that the certificate names";
            if (Newest(good).Any(list => list.Has(certificate)))
                return $"{name} has revoked a certificate";
        }
        return null;
    }

    private static void ReadPem(string file, List<RevocationList> lists)
    {
        ReadOnlySpan<char> text = file;
        var found = 0;
        for (; PemEncoding.TryFind(text, out var fields); found++)
        {
            if (text[fields.Label].SequenceEqual("X509 CRL"))
                lists.Add(RevocationList.Read(Convert.FromBase64String(text[fields.Base64Data].ToString())));
            if (lists.Count > MaxLists)
                throw new TlsException($"more than {MaxLists} lists");
            text = text[fields.Location.End..];
        }
        // What is cut off, or was written over, is passed over: a list would be missing, and nobody would know.
        if (file.AsSpan().Count("-----BEGIN ") is var begun && begun != found)
            throw new TlsException($"{begun} PEM blocks begin, of which {found} can be read");
    }

    /// <summary>
    /// An authority's lists, by its own name: a certificate may have the same in another encoding.
    /// </summary>
    private IEnumerable<RevocationList> ListsOf(X509Certificate2 authority, bool ofAuthorities) =>
        _lists[AuthorityName.Key(authority.SubjectName)].Where(list => list.Scope.IsOf(ofAuthorities));

    private static IEnumerable<RevocationList> Newest(List<RevocationList> lists) =>
        lists.Where(list => !lists.Exists(other => other.Supersedes(list)));
}
