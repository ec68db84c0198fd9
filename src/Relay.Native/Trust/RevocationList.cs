using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>What an authority has revoked (RFC 5280 §5). Immutable.</summary>
internal sealed class RevocationList
{
    // RFC 5280 §5.2.1, §5.2.3 and §5.2.4.
    private const string AuthorityKey = "2.5.29.35";
    private const string Number = "2.5.29.20";
    private const string Changes = "2.5.29.27";

    // By RFC 5758 §3.2 and RFC 4055 §5: what an authority signs with, and its hash.
    private static readonly Dictionary<string, (bool Ecdsa, HashAlgorithmName Hash)> Algorithms = new(StringComparer.Ordinal)
    {
        ["1.2.840.10045.4.3.2"] = (true, HashAlgorithmName.SHA256),
        ["1.2.840.10045.4.3.3"] = (true, HashAlgorithmName.SHA384),
        ["1.2.840.10045.4.3.4"] = (true, HashAlgorithmName.SHA512),
        ["1.2.840.113549.1.1.11"] = (false, HashAlgorithmName.SHA256),
        ["1.2.840.113549.1.1.12"] = (false, HashAlgorithmName.SHA384),
        ["1.2.840.113549.1.1.13"] = (false, HashAlgorithmName.SHA512),
    };

    private readonly (bool Ecdsa, HashAlgorithmName Hash) _algorithm;
    // Of what is signed, by whoever reads it: a handshake does not hash megabytes.
    private readonly byte[] _digest;
    private readonly byte[] _signature;
    private readonly HashSet<string> _serials;
    // What the list says of its authority's key; null where it says nothing.
    private readonly string? _key;

    // The authority's key that it was verified by: once is enough.
    private volatile byte[]? _verifiedBy;

    private RevocationList((bool, HashAlgorithmName) algorithm, byte[] digest, byte[] signature, TbsList list)
    {
        (_algorithm, _digest, _signature, _serials) = (algorithm, digest, signature, list.Serials);
        (Issuer, From, Until, Scope, _key) = (list.Issuer, list.From, list.Until, list.Scope, list.Key);
    }

    /// <summary>The authority's name.</summary>
    public X500DistinguishedName Issuer { get; }

    /// <summary>Of which of its certificates it is.</summary>
    public ListScope Scope { get; }

    /// <summary>When it was issued.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When the next is due; null where that is not said.</summary>
    public DateTimeOffset? Until { get; }

    /// <summary>From when on the next is missed: a quarter of its time before it is over, and a day at most.</summary>
    public DateTimeOffset? Late => Until - TimeSpan.FromTicks(Math.Min((Until.GetValueOrDefault() - From).Ticks / 4, TimeSpan.TicksPerDay));

    /// <summary>Reads one.</summary>
    /// <param name="der">Its DER form.</param>
    /// <exception cref="AsnContentException">It is none.</exception>
    /// <exception cref="CryptographicException">It has something that would have to be understood, and is not.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> der)
    {
        var file = new AsnReader(der, AsnEncodingRules.DER);
        var list = file.ReadSequence();
        // Of two, nobody would know that the second does not count.
        file.ThrowIfNotEmpty();
        var signed = list.ReadEncodedValue();
        var name = list.ReadSequence().ReadObjectIdentifier();
        var signature = list.ReadBitString(out _);
        list.ThrowIfNotEmpty();
        if (!Algorithms.TryGetValue(name, out var algorithm))
            throw new CryptographicException($"the signature's algorithm {name} is none of ECDSA and RSA with SHA-256, -384 or -512");
        return new RevocationList(
            algorithm, CryptographicOperations.HashData(algorithm.Hash, signed.Span), signature, TbsList.Read(signed));
    }

    /// <summary>Whether a certificate of its authority is in it.</summary>
    public bool Has(X509Certificate2 certificate) => _serials.Contains(Text(certificate.SerialNumberBytes.Span));

    /// <summary>Whether it is in the place of another of its authority's, of the same key and the same certificates.</summary>
    public bool Supersedes(RevocationList other) =>
        From > other.From && _key is not null && _key == other._key && Scope.Text == other.Scope.Text;

    /// <summary>Whether it is in force, and its authority's own.</summary>
    public bool IsGood(X509Certificate2 authority, DateTimeOffset now)
    {
        if (From > now + TimeSpan.FromMinutes(5) || Until <= now)
            return false;
        var key = authority.PublicKey.ExportSubjectPublicKeyInfo();
        if (_verifiedBy is { } before && before.AsSpan().SequenceEqual(key))
            return true;
        if (!IsSignedBy(authority))
            return false;
        _verifiedBy = key;
        return true;
    }

    private static string Text(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));

    private bool IsSignedBy(X509Certificate2 authority)
    {
        // RFC 5280 §4.2.1.3: where the key's usage is restricted, it includes lists.
        if (authority.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign))
            return false;
        if (_algorithm.Ecdsa)
        {
            using var ecdsa = authority.GetECDsaPublicKey();
            return ecdsa?.VerifyHash(_digest, _signature, DSASignatureFormat.Rfc3279DerSequence) == true;
        }
        using var rsa = authority.GetRSAPublicKey();
        return rsa?.VerifyHash(_digest, _signature, _algorithm.Hash, RSASignaturePadding.Pkcs1) == true;
    }

    /// <summary>What is signed (RFC 5280 §5.1.2).</summary>
    private readonly record struct TbsList(
        X500DistinguishedName Issuer, DateTimeOffset From, DateTimeOffset? Until, HashSet<string> Serials, ListScope Scope, string? Key)
    {
        internal static TbsList Read(ReadOnlyMemory<byte> signed)
        {
            var list = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
            if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
                _ = list.ReadInteger();
            _ = list.ReadSequence();
            var issuer = new X500DistinguishedName(list.ReadEncodedValue().Span);
            // It is read now, lest it is wrong later.
            _ = AuthorityName.Key(issuer);
            var from = ReadTime(list);
            DateTimeOffset? until = IsTime(list) ? ReadTime(list) : null;
            var serials = new HashSet<string>(StringComparer.Ordinal);
            if (list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                var revoked = list.ReadSequence();
                while (revoked.HasData)
                {
                    var entry = revoked.ReadSequence();
                    serials.Add(Text(entry.ReadIntegerBytes().Span));
                    _ = ReadTime(entry);
                    if (entry.HasData)
                        _ = ReadExtensions(entry.ReadSequence());
                }
            }
            var (scope, key) = list.HasData
                ? ReadExtensions(list.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence()) : (ListScope.All, null);
            list.ThrowIfNotEmpty();
            return new TbsList(issuer, from, until, serials, scope, key);
        }

        // RFC 5280 §5.2: "If a CRL contains a critical extension that the application cannot process, then the application
        // MUST NOT use that CRL to determine the status of certificates." What says of which certificates a list is counts
        // even where it is not critical.
        private static (ListScope Scope, string? Key) ReadExtensions(AsnReader extensions)
        {
            var (scope, key) = (ListScope.All, (string?)null);
            while (extensions.HasData)
            {
                var extension = extensions.ReadSequence();
                var id = extension.ReadObjectIdentifier();
                var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
                if (id == Changes)
                    throw new CryptographicException($"it is of what has changed only (extension {id})");
                if (id == ListScope.Extension)
                    scope = ListScope.Read(extension.ReadOctetString());
                else if (id == AuthorityKey)
                    key = Convert.ToHexString(extension.ReadOctetString());
                else if (isCritical && id != Number)
                    throw new CryptographicException($"the critical extension {id} is not understood");
            }
            return (scope, key);
        }

        private static bool IsTime(AsnReader list) => list.HasData
            && (list.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || list.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

        private static DateTimeOffset ReadTime(AsnReader reader) =>
            reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
    }
}
