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

    // The first octet of DER, and none of PEM's: "0", which nobody writes before "-----BEGIN".
    private const byte Sequence = 0x30;

    private readonly ILookup<string, RevocationList> _lists;
    private readonly RevocationList? _first;

    private RevocationLists(List<RevocationList> lists)
    {
        _lists = lists.ToLookup(static list => list.Issuer, StringComparer.Ordinal);
        _first = lists.Where(static list => list.Until is not null).MinBy(static list => list.Late);
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
            ReadOnlySpan<char> text = lists.Count == 0 ? Encoding.ASCII.GetString(file) : "";
            while (PemEncoding.TryFind(text, out var fields))
            {
                if (text[fields.Label].SequenceEqual("X509 CRL"))
                    lists.Add(RevocationList.Read(Convert.FromBase64String(text[fields.Base64Data].ToString())));
                text = text[fields.Location.End..];
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or FormatException)
        {
            throw new TlsException($"list {lists.Count + 1} cannot be used: {e.Message}");
        }
        return lists.Count > 0 ? new RevocationLists(lists) : throw new TlsException("there is no list of revoked certificates");
    }

    /// <summary>
    /// Whether nothing of a path is revoked. There has to be a list of who signed the client's certificate; of whatever authority
    /// there are lists, one has to be in force and its own.
    /// </summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    /// <param name="now">The wall clock.</param>
    internal bool Allows(IReadOnlyList<byte[]> path, DateTimeOffset now)
    {
        for (var i = 0; i + 1 < path.Count; i++)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(path[i]);
            using var authority = X509CertificateLoader.LoadCertificate(path[i + 1]);
            var lists = _lists[Convert.ToHexString(certificate.IssuerName.RawData)].ToList();
            if (lists.Count == 0 && i > 0)
                continue;
            var good = lists.FindAll(list => list.IsGood(authority, now));
            var serial = RevocationList.Text(certificate.SerialNumberBytes.Span);
            if (good.Count == 0 || good.Exists(list => list.Has(serial)))
                return false;
        }
        return true;
    }
}
