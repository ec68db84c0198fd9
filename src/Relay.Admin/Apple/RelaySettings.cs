using System.Security.Cryptography;
using System.Text;

namespace Relay.Admin.Apple;

/// <summary>
/// What a device is to do: which domains go through which relays, and as whom. A configuration profile and a declaration say
/// it in nearly the same keys; key names and forms are those of Apple's published schema. Validated.
/// </summary>
internal sealed record RelaySettings
{
    /// <summary>The media type of a profile.</summary>
    public const string ProfileType = "application/x-apple-aspen-config";

    /// <summary>What the user sees.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is, for the user; null for nobody's.</summary>
    public string? Organization { get; init; }

    /// <summary>What it is for, for the user; null for a sentence with the relay's name.</summary>
    public string? Description { get; init; }

    /// <summary>One relay, or two of which the first leads to the second.</summary>
    public required IReadOnlyList<RelayHop> Relays { get; init; }

    /// <summary>Domains, with all below them, that go through; if there are none, and no FQDNs, everything does.</summary>
    public IReadOnlyList<string> MatchDomains { get; init; } = [];

    /// <summary>Hosts that go through, without what is below them.</summary>
    public IReadOnlyList<string> MatchFqdns { get; init; } = [];

    /// <summary>Domains, with all below them, that do not.</summary>
    public IReadOnlyList<string> ExcludedDomains { get; init; } = [];

    /// <summary>Hosts that do not, without what is below them.</summary>
    public IReadOnlyList<string> ExcludedFqdns { get; init; } = [];

    /// <summary>Whether the user may turn it off; null for the device's default, which is yes.</summary>
    public bool? UiToggleEnabled { get; init; }

    /// <summary>Whether names may be asked elsewhere where the relay does not answer; null for the device's default, no.</summary>
    public bool? AllowDnsFailover { get; init; }

    /// <summary>Whether managed apps can be led through it by its UUID.</summary>
    public bool HasRelayUuid { get; init; } = true;

    /// <summary>Authorities that the device is to trust.</summary>
    public IReadOnlyList<RootCertificate> RootCertificates { get; init; } = [];

    /// <summary>What the device shows to a relay; null for nothing.</summary>
    public AppleIdentity? Identity { get; init; }

    /// <summary>When the profile is to be replaced; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What the user is to agree to, by language (BCP 47) or <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> Consent { get; init; } = new Dictionary<string, string>();

    /// <summary>The keys that profile and declaration have in common.</summary>
    /// <param name="identityKey">The key of a relay that refers to the identity.</param>
    /// <param name="identity">What it refers to; null for nothing.</param>
    public PayloadDictionary ToKeys(string identityKey, string? identity) => new()
    {
        { "Relays", Relays.Select(relay => relay.ToKeys(identityKey, identity)).ToArray() },
        { "MatchDomains", MatchDomains },
        { "MatchFQDNs", MatchFqdns },
        { "ExcludedDomains", ExcludedDomains },
        { "ExcludedFQDNs", ExcludedFqdns },
        { "RelayUUID", HasRelayUuid ? UuidOf("relay") : null },
        { "UIToggleEnabled", UiToggleEnabled },
        { "AllowDNSFailover", AllowDnsFailover },
    };

    /// <summary>
    /// A name for a part of it, of what it is about: asked for again, the same replaces what a device has. Secrets, and what else can be
    /// changed for the same relays and domains, have no part in it, so that a change of them arrives as an update too.
    /// </summary>
    public string UuidOf(string part)
    {
        string[] about =
        [
            part, Relays[0].Url, .. MatchDomains.Order(StringComparer.Ordinal), "", .. ExcludedDomains.Order(StringComparer.Ordinal),
            .. Relays.Skip(1).Select(static relay => $"\nthen {relay.Url}"),
            .. MatchFqdns.Order(StringComparer.Ordinal).Select(static name => $"\nhost {name}"),
            .. ExcludedFqdns.Order(StringComparer.Ordinal).Select(static name => $"\nnot {name}"),
        ];
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', about))).AsSpan(0, 16);
        // RFC 9562 §5.8: a UUID of a form of one's own.
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return TextOf(new Guid(bytes, bigEndian: true));
    }

    /// <summary>A UUID as Apple's tools write it.</summary>
    public static string TextOf(Guid uuid) => uuid.ToString("D").ToUpperInvariant();
}

/// <summary>A relay, one of a chain.</summary>
/// <param name="Http3Url">Its URI template (RFC 9298 §2) for HTTP/3; null where it does not answer that.</param>
/// <param name="Http2Url">The same for HTTP/2, which devices use where UDP is blocked.</param>
/// <param name="Headers">Fields of each request to it: secrets.</param>
/// <param name="UsesIdentity">Whether the device shows its certificate to it.</param>
internal sealed record RelayHop(
    string? Http3Url, string? Http2Url, IReadOnlyDictionary<string, string> Headers, bool UsesIdentity)
{
    /// <summary>What it is named by.</summary>
    public string Url => Http3Url ?? Http2Url!;

    /// <summary>Its keys.</summary>
    public PayloadDictionary ToKeys(string identityKey, string? identity)
    {
        var headers = new PayloadDictionary();
        foreach (var (name, value) in Headers)
            headers.Add(name, value);
        return new PayloadDictionary
        {
            { "HTTP3RelayURL", Http3Url },
            { "HTTP2RelayURL", Http2Url },
            { identityKey, UsesIdentity ? identity : null },
            { "AdditionalHTTPHeaderFields", headers.Count > 0 ? headers : null },
        };
    }
}

/// <summary>The certificate of an authority.</summary>
/// <param name="Der">The certificate.</param>
/// <param name="Name">What users see of it.</param>
/// <param name="DataUrl">Where devices with declarations fetch it; null where none are made.</param>
internal sealed record RootCertificate(byte[] Der, string Name, string? DataUrl)
{
    /// <summary>Tells it from others.</summary>
    public string Part => $"root {Fingerprint}";

    /// <summary>Its SHA-256, in hexadecimal.</summary>
    public string Fingerprint => Convert.ToHexString(SHA256.HashData(Der));
}
