using System.Security.Cryptography;
using System.Text;

namespace Relay.Admin.Apple;

/// <summary>
/// A configuration profile with one <c>com.apple.relay.managed</c> payload: Apple's devices (iOS 17, macOS 14 and
/// later) then send what its domains match through a relay. Key names and forms are those of Apple's published schema.
/// </summary>
internal sealed record RelayProfile
{
    /// <summary>The relay's URI template (RFC 9298 §2).</summary>
    public required string RelayUrl { get; init; }

    /// <summary>
    /// Whether the relay answers HTTP/2 at the same address, for devices that get no answer to HTTP/3: UDP is blocked in places.
    /// </summary>
    public bool HasHttp2 { get; init; } = true;

    /// <summary>What the user sees.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Whose it is, for the user; null for nobody's.</summary>
    public string? Organization { get; init; }

    /// <summary>Domains, with all below them, that go through the relay; none for everything.</summary>
    public IReadOnlyList<string> MatchDomains { get; init; } = [];

    /// <summary>Domains, with all below them, that do not.</summary>
    public IReadOnlyList<string> ExcludedDomains { get; init; } = [];

    /// <summary>
    /// The payload, in the same profile, of the certificate that the device shows to the relay; null for none.
    /// </summary>
    public Guid? CertificateUuid { get; init; }

    /// <summary>The <c>Authorization</c> field of each request to the relay: a secret. Null for none.</summary>
    public string? Authorization { get; init; }

    /// <summary>The profile as an XML property list.</summary>
    public byte[] ToPropertyList()
    {
        using var output = new MemoryStream();
        using (var plist = new PropertyListWriter(output))
        {
            plist.BeginDictionary();
            plist.Key("PayloadContent").BeginArray();
            WritePayload(plist);
            plist.End();
            if (Organization is not null)
                plist.Text("PayloadOrganization", Organization);
            plist.Text("PayloadDescription", $"Sends traffic through the relay {new Uri(RelayOrigin).Authority}.")
                .Text("PayloadDisplayName", DisplayName)
                .Text("PayloadIdentifier", $"relayfleet.profile.{Name("profile")}")
                .Text("PayloadType", "Configuration")
                .Text("PayloadUUID", Name("profile"))
                .Integer("PayloadVersion", 1);
            plist.End();
        }
        return output.ToArray();
    }

    private void WritePayload(PropertyListWriter plist)
    {
        plist.BeginDictionary();
        plist.Key("Relays").BeginArray();
        plist.BeginDictionary().Text("HTTP3RelayURL", RelayUrl);
        if (HasHttp2)
            plist.Text("HTTP2RelayURL", RelayUrl);
        if (CertificateUuid is { } certificate)
            plist.Text("PayloadCertificateUUID", Text(certificate));
        if (Authorization is not null)
            plist.Key("AdditionalHTTPHeaderFields").BeginDictionary().Text("Authorization", Authorization).End();
        plist.End().End();
        if (MatchDomains.Count > 0)
            plist.Texts("MatchDomains", MatchDomains);
        if (ExcludedDomains.Count > 0)
            plist.Texts("ExcludedDomains", ExcludedDomains);
        plist.Text("RelayUUID", Name("relay"))
            .Text("PayloadDisplayName", DisplayName)
            .Text("PayloadIdentifier", $"relayfleet.relay.{Name("payload")}")
            .Text("PayloadType", "com.apple.relay.managed")
            .Text("PayloadUUID", Name("payload"))
            .Integer("PayloadVersion", 1)
            .End();
    }

    private string RelayOrigin => RelayUrl.Split('{')[0];

    // Of what the profile is about: asked for again, the same profile replaces the one that a device has. The secret and
    // HTTP/2 have no part in it, so that a change of them arrives as an update too.
    private string Name(string part)
    {
        var about = string.Join('\n', [part, RelayUrl, Organization ?? "", .. MatchDomains, "", .. ExcludedDomains]);
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(about)).AsSpan(0, 16);
        // RFC 9562 §5.8: a UUID of a form of one's own.
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return Text(new Guid(bytes, bigEndian: true));
    }

    private static string Text(Guid uuid) => uuid.ToString("D").ToUpperInvariant();
}
