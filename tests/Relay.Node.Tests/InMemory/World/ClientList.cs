using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>A list of what an authority has revoked, with whatever it is to have.</summary>
internal sealed record ClientList
{
    public TimeSpan From { get; init; } = TimeSpan.FromHours(-1);

    /// <summary>Null for one that does not say.</summary>
    public TimeSpan? To { get; init; } = TimeSpan.FromHours(1);

    public X509Certificate2[] Revoked { get; init; } = [];

    /// <summary>Beside the authority's key.</summary>
    public X509Extension[] Extensions { get; init; } = [];

    /// <summary>The authority's name; null as its certificate has it.</summary>
    public X500DistinguishedName? Issuer { get; init; }

    public string Algorithm { get; init; } = "1.2.840.10045.4.3.2";

    /// <summary>Of which certificates it is (RFC 5280 §5.2.5).</summary>
    /// <param name="address">Where it is; null where that is not said.</param>
    /// <param name="only">The tag of what it is of only; 0 for all.</param>
    /// <param name="critical">Whether that is said to be critical.</param>
    public static X509Extension Scope(string? address, int only = 0, bool critical = true)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var first = new Asn1Tag(TagClass.ContextSpecific, 0);
        using (writer.PushSequence())
        {
            if (address is not null)
            {
                using (writer.PushSequence(first))
                using (writer.PushSequence(first))
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, address, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
            if (only == 3)
                writer.WriteBitString([0x60], 5, new Asn1Tag(TagClass.ContextSpecific, 3));
            else if (only > 0)
                writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, only));
        }
        return new X509Extension("2.5.29.28", writer.Encode(), critical);
    }

    /// <summary>It in DER.</summary>
    public byte[] Sign(X509Certificate2 authority)
    {
        var signed = Write(authority);
        using var key = authority.GetECDsaPrivateKey()!;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signed);
            WriteAlgorithm(writer);
            writer.WriteBitString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
        return writer.Encode();
    }

    /// <summary>One in PEM.</summary>
    public static byte[] Pem(byte[] der) => Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", der));

    private byte[] Write(X509Certificate2 authority)
    {
        var now = DateTimeOffset.UtcNow;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            WriteAlgorithm(writer);
            writer.WriteEncodedValue((Issuer ?? authority.SubjectName).RawData);
            writer.WriteUtcTime(now + From);
            if (To is { } to)
                writer.WriteUtcTime(now + to);
            if (Revoked.Length > 0)
            {
                using var all = writer.PushSequence();
                foreach (var certificate in Revoked)
                {
                    using var one = writer.PushSequence();
                    writer.WriteIntegerUnsigned(certificate.SerialNumberBytes.Span);
                    writer.WriteUtcTime(now);
                }
            }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                foreach (var extension in Extensions.Prepend(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false)))
                {
                    using var one = writer.PushSequence();
                    writer.WriteObjectIdentifier(extension.Oid!.Value!);
                    if (extension.Critical)
                        writer.WriteBoolean(true);
                    writer.WriteOctetString(extension.RawData);
                }
            }
        }
        return writer.Encode();
    }

    private void WriteAlgorithm(AsnWriter writer)
    {
        using var algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier(Algorithm);
    }
}
