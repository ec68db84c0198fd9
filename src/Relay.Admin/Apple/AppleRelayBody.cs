using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Fleet.Contract;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Apple;

/// <summary>What Apple's devices shall do with a relay.</summary>
public record AppleRelayBody : IRequestBody
{
    private const int MaxDomains = 200;
    private const int MaxRoots = 8;
    private const int MaxHeaders = 16;

    // What a client's own connection decides.
    private static readonly string[] Refused =
        ["connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade", "capsule-protocol"];

    /// <summary>What the user sees; absent for the relay's name.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// One relay, or two of which the first leads to the second; absent for the fleet's own. In one without a URL the fleet's own is
    /// meant.
    /// </summary>
    public IReadOnlyList<AppleHop> Relays { get; init; } = [];

    /// <summary>Domains, with all below them, that go through; if there are none, and no matchFqdns, everything does.</summary>
    public IReadOnlyList<string> MatchDomains { get; init; } = [];

    /// <summary>Hosts that go through, without what is below them.</summary>
    public IReadOnlyList<string> MatchFqdns { get; init; } = [];

    /// <summary>Domains, with all below them, that do not go through.</summary>
    public IReadOnlyList<string> ExcludedDomains { get; init; } = [];

    /// <summary>Hosts that do not go through; with matchDomains, each is below one of them.</summary>
    public IReadOnlyList<string> ExcludedFqdns { get; init; } = [];

    /// <summary>Whether the user may turn it off; absent for yes.</summary>
    public bool? UiToggleEnabled { get; init; }

    /// <summary>Whether names may be asked elsewhere where the relay does not answer; absent for no.</summary>
    public bool? AllowDnsFailover { get; init; }

    /// <summary>Whether managed apps can be led through it by a UUID; absent for yes. The declaration of a Mac knows none.</summary>
    public bool RelayUuid { get; init; } = true;

    /// <summary>Authorities that the device is to trust; of a public one none is needed.</summary>
    public IReadOnlyList<AppleRoot> RootCertificates { get; init; } = [];

    /// <summary>What the device shows to a relay.</summary>
    public AppleIdentity? Identity { get; init; }

    /// <summary>Whether it is for declarations, which refer to data elsewhere.</summary>
    internal virtual bool IsDeclared => true;

    /// <inheritdoc/>
    public virtual IEnumerable<(string Field, string Detail)> Faults()
    {
        if (Name is not null && !AppleText.IsText(Name, 100))
            yield return ("name", "empty, longer than 100 characters, or a character in it that a name cannot have");
        if (Relays.Count > 2)
            yield return ("relays", "more than two");
        foreach (var fault in Relays.SelectMany(FaultsOf).Concat(FaultsOfDomains()).Concat(RootCertificates.SelectMany(FaultsOf)))
            yield return fault;
        if (RootCertificates.Count > MaxRoots)
            yield return ("rootCertificates", $"more than {MaxRoots}");
        foreach (var (field, detail) in Identity?.Faults(IsDeclared) ?? [])
            yield return (field.Length == 0 ? "identity" : $"identity.{field}", detail);
        if (Identity is not null && Relays.Count > 0 && !Relays.Any(IsShownIdentity))
            yield return ("identity", "shown to no relay: one of relays needs usesIdentity");
        if (Identity is null && Relays.Index().FirstOrDefault(static relay => relay.Item.UsesIdentity == true) is { Item: not null } bare)
            yield return ($"relays[{bare.Index}].usesIdentity", "there is no identity");
    }

    /// <summary>What devices are told.</summary>
    /// <param name="own">The fleet's relay; null where nobody has said.</param>
    /// <returns>Null where the fleet's relay is meant and not known.</returns>
    internal RelaySettings? ToSettings(RelayAddress? own)
    {
        var relays = new List<RelayHop>();
        foreach (var relay in Relays.Count > 0 ? Relays : [new AppleHop()])
        {
            var isOwn = relay.Http3Url is null && relay.Http2Url is null;
            if (isOwn && own is null)
                return null;
            relays.Add(new RelayHop(
                isOwn ? own!.Template : TemplateOf(relay.Http3Url), isOwn ? own!.Template : TemplateOf(relay.Http2Url), relay.Headers,
                Identity is not null && IsShownIdentity(relay)));
        }
        return Complete(new RelaySettings
        {
            Name = Name ?? NameOf(own),
            Relays = relays,
            MatchDomains = Lower(MatchDomains),
            MatchFqdns = Lower(MatchFqdns),
            ExcludedDomains = Lower(ExcludedDomains),
            ExcludedFqdns = Lower(ExcludedFqdns),
            UiToggleEnabled = UiToggleEnabled,
            AllowDnsFailover = AllowDnsFailover,
            HasRelayUuid = RelayUuid,
            RootCertificates = [.. RootCertificates.Select(static root => ToRoot(root))],
            Identity = Identity is { Reference: not null, Made: null } && Guid.TryParseExact(Identity.Reference, "D", out var uuid)
                && !IsDeclared ? Identity with { Reference = RelaySettings.TextOf(uuid) } : Identity,
        });
    }

    /// <summary>Adds what only one of the two forms has.</summary>
    internal virtual RelaySettings Complete(RelaySettings settings) => settings;

    private string NameOf(RelayAddress? own) =>
        (Relays.Count > 0 ? Relays[0].Http3Url ?? Relays[0].Http2Url : null) ?? own!.Text;

    private bool IsShownIdentity(AppleHop relay) => relay.UsesIdentity ?? Relays.Count <= 1;

    private IEnumerable<(string Field, string Detail)> FaultsOf(AppleHop relay, int index)
    {
        var path = $"relays[{index}]";
        foreach (var (field, url) in ((string, string?)[])[("http3Url", relay.Http3Url), ("http2Url", relay.Http2Url)])
        {
            if (url is not null && !RelayAddress.TryParse(url, out _, out var error))
                yield return ($"{path}.{field}", error);
        }
        if (relay.Headers.Count > MaxHeaders)
            yield return ($"{path}.headers", $"more than {MaxHeaders}");
        foreach (var (name, value) in relay.Headers)
        {
            if (!AppleText.IsHeaderName(name) || Refused.Contains(name.ToLowerInvariant()))
                yield return ($"{path}.headers", $"'{name}' is not a field that a client may be told to send");
            else if (value is not { Length: > 0 and <= 4096 } || value.Any(static c => c is < ' ' or > '~'))
                yield return ($"{path}.headers", $"the value of '{name}' is not 1 to 4096 printable ASCII characters");
        }
    }

    private IEnumerable<(string Field, string Detail)> FaultsOf(AppleRoot root, int index)
    {
        var path = $"rootCertificates[{index}]";
        if (FaultOfRoot(root) is { } fault)
            yield return ($"{path}.pem", fault);
        if (IsDeclared && !AppleText.IsUrl(root.DataUrl))
            yield return ($"{path}.dataUrl", "the https URL is wanted where the certificate will be served");
        if (!IsDeclared && root.DataUrl is not null)
            yield return ($"{path}.dataUrl", "only declarations refer to data elsewhere");
    }

    private IEnumerable<(string Field, string Detail)> FaultsOfDomains()
    {
        foreach (var (field, domains) in ((string, IReadOnlyList<string>)[])
            [
                ("matchDomains", MatchDomains), ("matchFqdns", MatchFqdns), ("excludedDomains", ExcludedDomains),
                ("excludedFqdns", ExcludedFqdns),
            ])
        {
            if (domains.Count > MaxDomains)
                yield return (field, $"more than {MaxDomains}");
            if (domains.FirstOrDefault(static domain => domain is null || !RelayAddress.IsDomain(domain)) is { } wrong)
                yield return (field, $"'{wrong}' is not a domain in ASCII, such as example.com");
        }
        // Apple's schema: otherwise it has no effect.
        if (MatchDomains.Count > 0 && ExcludedFqdns.FirstOrDefault(name => !MatchDomains.Any(domain => IsBelow(name, domain))) is { } lost)
            yield return ("excludedFqdns", $"'{lost}' is below none of matchDomains, and has no effect");
    }

    private static bool IsBelow(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);

    private static string? TemplateOf(string? url) =>
        url is not null && RelayAddress.TryParse(url, out var address, out _) ? address.Template : null;

    private static string[] Lower(IEnumerable<string> domains) =>
        [.. domains.Select(static domain => domain.ToLowerInvariant()).Distinct()];

    private static RootCertificate ToRoot(AppleRoot root)
    {
        using var certificate = X509Certificate2.CreateFromPem(root.Pem);
        return new RootCertificate(certificate.RawData, AppleText.Plain(NameOf(certificate)), root.DataUrl);
    }

    private static string NameOf(X509Certificate2 certificate) => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static string? FaultOfRoot(AppleRoot root)
    {
        if (root.Pem is null)
            return "required";
        if (root.Pem.AsSpan().Count("-----BEGIN ") != 1)
            return "not one certificate, PEM, and nothing else";
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(root.Pem);
            _ = NameOf(certificate);
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(static one => one.CertificateAuthority)
                ? null : "not the certificate of an authority";
        }
        catch (CryptographicException)
        {
            return "not a certificate, PEM";
        }
    }
}
