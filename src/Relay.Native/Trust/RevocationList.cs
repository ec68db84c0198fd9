using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>What an authority has revoked (RFC 5280 §5). Immutable.</summary>
internal sealed class RevocationList
{
    // RFC 5280 §5.2.1 and §5.2.3: of no consequence for whether a certificate is in the list.
    private static readonly string[] Harmless = ["2.5.29.35", "2.5.29.20"];

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

    // The authority's key that it was verified by: once is enough.
    private volatile byte[]? _verifiedBy;

    private RevocationList((bool, HashAlgorithmName) algorithm, byte[] digest, byte[] signature, TbsList list)
    {
        (_algorithm, _digest, _signature, _serials) = (algorithm, digest, signature, list.Serials);
        (Issuer, From, Until) = (list.Issuer, list.From, list.Until);
    }

    /// <summary>The authority's name, in DER form as hexadecimal digits.</summary>
    public string Issuer { get; }

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
        var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var signed = list.ReadEncodedValue();
        var name = list.ReadSequence().ReadObjectIdentifier();
        var signature = list.ReadBitString(out _);
        if (!Algorithms.TryGetValue(name, out var algorithm))
            throw new CryptographicException($"the signature's algorithm {name} is none of ECDSA and RSA with SHA-256, -384 or -512");
        return new RevocationList(
            algorithm, CryptographicOperations.HashData(algorithm.Hash, signed.Span), signature, TbsList.Read(signed));
    }

    /// <summary>A serial number as hexadecimal digits.</summary>
    public static string Text(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));

    /// <summary>Whether a certificate is in it.</summary>
    /// <param name="serial">Its serial number, as <see cref="Text"/> has it.</param>
    public bool Has(string serial) => _serials.Contains(serial);

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
    private readonly record struct TbsList(string Issuer, DateTimeOffset From, DateTimeOffset? Until, HashSet<string> Serials)
    {
        internal static TbsList Read(ReadOnlyMemory<byte> signed)
        {
            var list = new AsnReader(signed, AsnEncodingRules.DER).ReadSequence();
            if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
                _ = list.ReadInteger();
            _ = list.ReadSequence();
            var issuer = Convert.ToHexString(list.ReadEncodedValue().Span);
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
                        RefuseCritical(entry.ReadSequence(), []);
                }
            }
            if (list.HasData)
                RefuseCritical(list.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence(), Harmless);
            return new TbsList(issuer, from, until, serials);
        }

        // RFC 5280 §5.2: "If a CRL contains a critical extension that the application cannot process, then the application
        // MUST NOT use that CRL to determine the status of certificates." So a list of a part, or of what has changed, is none.
        private static void RefuseCritical(AsnReader extensions, string[] known)
        {
            while (extensions.HasData)
            {
                var extension = extensions.ReadSequence();
                var id = extension.ReadObjectIdentifier();
                if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean() && !known.Contains(id))
                    throw new CryptographicException($"the critical extension {id} is not understood");
            }
        }

        private static bool IsTime(AsnReader list) => list.HasData
            && (list.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || list.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime));

        private static DateTimeOffset ReadTime(AsnReader reader) =>
            reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
    }
}
