using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>Of which certificates of its authority a list is (issuingDistributionPoint, RFC 5280 §5.2.5). Immutable.</summary>
internal sealed class ListScope
{
    /// <summary>The extension of a list that says so.</summary>
    internal const string Extension = "2.5.29.28";

    private const string DistributionPoints = "2.5.29.31";

    private static readonly Asn1Tag First = new(TagClass.ContextSpecific, 0);

    private readonly List<string> _names = [];
    private bool _clientsOnly;
    private bool _authoritiesOnly;

    private ListScope(string text) => Text = text;

    /// <summary>Of all.</summary>
    internal static ListScope All { get; } = new("");

    /// <summary>The same for the same scope.</summary>
    internal string Text { get; }

    /// <summary>Reads the extension.</summary>
    /// <param name="value">What is in it, in DER form.</param>
    /// <exception cref="AsnContentException">It is none.</exception>
    /// <exception cref="CryptographicException">The list is one that cannot be used.</exception>
    internal static ListScope Read(ReadOnlyMemory<byte> value)
    {
        var scope = new ListScope(Convert.ToHexString(value.Span));
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var point = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (point.HasData)
        {
            var tag = point.PeekTag();
            if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > 2)
                throw new CryptographicException("it is of some reasons, of other authorities' certificates or of attributes only");
            if (tag.TagValue == 0)
                scope._names.AddRange(NamesOf(point.ReadSequence(tag)));
            else if (tag.TagValue == 1)
                scope._clientsOnly = point.ReadBoolean(tag);
            else
                scope._authoritiesOnly = point.ReadBoolean(tag);
            if (tag.TagValue == 0 && scope._names.Count == 0)
                throw new CryptographicException("its distribution point has no name that is understood");
        }
        return scope;
    }

    /// <summary>Whether it is of certificates of this kind.</summary>
    internal bool IsOf(bool authorities) => authorities ? !_clientsOnly : !_authoritiesOnly;

    /// <summary>
    /// Whether a certificate may be in it: where both name an address, RFC 5280 §6.3.3 (b)(2)(i) wants one that is the same, since
    /// there may be a list of others at each.
    /// </summary>
    internal bool Fits(X509Certificate2 certificate)
    {
        var points = certificate.Extensions.FirstOrDefault(static extension => extension.Oid?.Value == DistributionPoints);
        if (_names.Count == 0 || points is null)
            return true;
        var all = new AsnReader(points.RawData, AsnEncodingRules.DER).ReadSequence();
        while (all.HasData)
        {
            var point = all.ReadSequence();
            if (point.HasData && point.PeekTag().HasSameClassAndValue(First)
                && NamesOf(point.ReadSequence(point.PeekTag())).Exists(_names.Contains))
                return true;
        }
        return false;
    }

    /// <summary>A DistributionPointName's full names, encoded; none where it has one that is relative to the authority's.</summary>
    private static List<string> NamesOf(AsnReader name)
    {
        var names = new List<string>();
        if (!name.PeekTag().HasSameClassAndValue(First))
            return names;
        var all = name.ReadSequence(name.PeekTag());
        while (all.HasData)
            names.Add(Convert.ToHexString(all.ReadEncodedValue().Span));
        return names;
    }
}
