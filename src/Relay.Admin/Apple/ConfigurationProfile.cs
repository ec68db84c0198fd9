namespace Relay.Admin.Apple;

/// <summary>
/// A configuration profile with a <c>com.apple.relay.managed</c> payload, for iOS 17, macOS 14 and later, and with payloads of what that
/// needs: authorities to trust, and an identity.
/// </summary>
internal static class ConfigurationProfile
{
    /// <summary>The profile as an XML property list.</summary>
    public static byte[] ToPropertyList(this RelaySettings settings)
    {
        var payloads = new List<PayloadDictionary>();
        foreach (var root in settings.RootCertificates)
            payloads.Add(new PayloadDictionary { { "PayloadContent", root.Der } }
                .With(Common(settings, "com.apple.security.root", "root", root.Part, root.Name)));
        var identity = settings.Identity?.Reference;
        if (settings.Identity?.Made is { } made)
        {
            payloads.Add(made.ToPayload()
                .With(Common(settings, made.PayloadType, "identity", "identity", $"{settings.Name}: identity")));
            identity = settings.UuidOf("identity");
        }
        payloads.Add(settings.ToKeys("PayloadCertificateUUID", identity)
            .With(Common(settings, "com.apple.relay.managed", "relay", "payload", settings.Name)));

        var consent = new PayloadDictionary();
        foreach (var (language, text) in settings.Consent)
            consent.Add(language, text);
        return PropertyList.Of(new PayloadDictionary
        {
            { "PayloadContent", payloads },
            { "PayloadOrganization", settings.Organization },
            { "PayloadDescription", settings.Description ?? $"Sends traffic through the relay {Authority(settings.Relays[0].Url)}." },
            { "PayloadDisplayName", settings.Name },
            { "PayloadExpirationDate", settings.ExpiresAt },
            { "ConsentText", consent.Count > 0 ? consent : null },
            { "PayloadIdentifier", $"relayfleet.profile.{settings.UuidOf("profile")}" },
            { "PayloadType", "Configuration" },
            { "PayloadUUID", settings.UuidOf("profile") },
            { "PayloadVersion", 1 },
        });
    }

    private static PayloadDictionary Common(RelaySettings settings, string type, string kind, string part, string name) => new()
    {
        { "PayloadDisplayName", name },
        { "PayloadIdentifier", $"relayfleet.{kind}.{settings.UuidOf(part)}" },
        { "PayloadType", type },
        { "PayloadUUID", settings.UuidOf(part) },
        { "PayloadVersion", 1 },
    };

    private static string Authority(string template) => new Uri(template.Split('{')[0]).Authority;
}
