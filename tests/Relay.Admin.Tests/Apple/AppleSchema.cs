using System.Globalization;

namespace Relay.Admin.Tests.Apple;

/// <summary>
/// The keys of what is made for Apple's devices, as Apple publishes them: github.com/apple/device-management, the file that
/// each table names, as of OS 27. A key that is not here is none.
/// </summary>
internal static class AppleSchema
{
    private static readonly SchemaKey[] AltName =
    [
        May("rfc822Name", "string"), May("dNSName", "string"), May("uniformResourceIdentifier", "string"),
        May("ntPrincipalName", "string"),
    ];

    private static readonly SchemaKey Subject = new("Subject", "array")
    {
        Keys = [Item("array", Item("array", Item("string")))],
    };

    // mdm/profiles/TopLevel.yaml
    public static readonly SchemaKey[] Profile =
    [
        Must("PayloadIdentifier", "string"), Must("PayloadUUID", "string"), Must("PayloadType", "string", "Configuration"),
        Must("PayloadVersion", "integer", "1"), Must("PayloadContent", "array", Item("dictionary", May("", "any"))),
        May("PayloadDescription", "string"), May("PayloadDisplayName", "string"), May("PayloadOrganization", "string"),
        May("PayloadRemovalDisallowed", "boolean"), May("PayloadScope", "string", "System", "User"), May("RemovalDate", "date"),
        May("PayloadExpirationDate", "date"), May("TargetDeviceType", "integer", "0", "1", "2", "3", "4", "5", "6"),
        May("ConsentText", "dictionary", May("", "string")),
    ];

    // mdm/profiles/CommonPayloadKeys.yaml
    private static readonly SchemaKey[] Common =
    [
        Must("PayloadIdentifier", "string"), Must("PayloadUUID", "string"), Must("PayloadType", "string"),
        Must("PayloadVersion", "integer", "1"), May("PayloadDescription", "string"), May("PayloadDisplayName", "string"),
        May("PayloadOrganization", "string"),
    ];

    // Both of mdm/profiles/com.apple.relay.managed.yaml and declarative/declarations/configurations/network.relay.yaml.
    private static readonly SchemaKey[] Relay =
    [
        May("HTTP3RelayURL", "string"), May("HTTP2RelayURL", "string"),
        May("AdditionalHTTPHeaderFields", "dictionary", May("", "string")),
    ];

    private static readonly SchemaKey[] Routes =
    [
        May("MatchDomains", "array", Item("string")), May("ExcludedDomains", "array", Item("string")),
        May("MatchFQDNs", "array", Item("string")), May("ExcludedFQDNs", "array", Item("string")), May("RelayUUID", "string"),
        May("UIToggleEnabled", "boolean"), May("AllowDNSFailover", "boolean"),
    ];

    // mdm/profiles/com.apple.security.acme.yaml, declarative/declarations/assets/credentials/acme.yaml
    private static readonly SchemaKey[] Acme =
    [
        Must("DirectoryURL", "string"), Must("ClientIdentifier", "string"), Must("KeySize", "integer"),
        Must("KeyType", "string", "RSA", "ECSECPrimeRandom"), Must("HardwareBound", "boolean"), Subject with { IsRequired = true },
        May("SubjectAltName", "dictionary", AltName), May("UsageFlags", "integer"), May("ExtendedKeyUsage", "array", Item("string")),
        May("Attest", "boolean"),
    ];

    // mdm/profiles/com.apple.security.scep.yaml, declarative/declarations/assets/credentials/scep.yaml
    private static readonly SchemaKey[] Scep =
    [
        Must("URL", "string"), May("Name", "string"), Subject, May("Challenge", "string"),
        May("Keysize", "integer", "1024", "2048", "4096"), May("Key Type", "string", "RSA"), May("Key Usage", "integer"),
        May("CAFingerprint", "data"), May("Retries", "integer"), May("RetryDelay", "integer"), May("SubjectAltName", "dictionary", AltName),
    ];

    // mdm/profiles/<type>.yaml
    public static readonly Dictionary<string, SchemaKey[]> Payloads = new()
    {
        ["com.apple.relay.managed"] =
        [
            .. Common, .. Routes,
            Must("Relays", "array", Item("dictionary",
                [.. Relay, May("PayloadCertificateUUID", "string"), May("RawPublicKeys", "array", Item("data"))])),
        ],
        ["com.apple.security.root"] = [.. Common, May("PayloadCertificateFileName", "string"), Must("PayloadContent", "data")],
        ["com.apple.security.pkcs12"] =
            [.. Common, May("PayloadCertificateFileName", "string"), Must("PayloadContent", "data"), May("Password", "string")],
        ["com.apple.security.acme"] = [.. Common, .. Acme],
        ["com.apple.security.scep"] = [.. Common, Must("PayloadContent", "dictionary", Scep)],
    };

    // declarative/declarations/declarationbase.yaml
    public static readonly SchemaKey[] Declaration =
    [
        Must("Type", "string"), Must("Identifier", "string"), Must("ServerToken", "string"),
        Must("Payload", "dictionary", May("", "any")),
    ];

    // declarative/declarations/assets/credential.….yaml
    private static readonly SchemaKey[] Asset =
    [
        Must("Reference", "dictionary",
            Must("DataURL", "string"), May("ContentType", "string"), May("Size", "integer"), May("Hash-SHA-256", "string")),
        May("Authentication", "dictionary", Must("Type", "string", "MDM", "None")),
    ];

    private static readonly SchemaKey[] Credential = [.. Asset, May("Accessible", "string", "Default", "AfterFirstUnlock")];

    public static readonly Dictionary<string, SchemaKey[]> Declarations = new()
    {
        // declarative/declarations/configurations/network.relay.yaml, security.certificate.yaml
        ["com.apple.configuration.network.relay"] =
        [
            Must("VisibleName", "string"), .. Routes,
            Must("Relays", "array", Item("dictionary",
                [.. Relay, May("CredentialAssetReference", "string"), May("PublicKeyData", "array", Item("string"))])),
        ],
        ["com.apple.configuration.security.certificate"] = [Must("CredentialAssetReference", "string")],
        ["com.apple.asset.credential.certificate"] = Asset,
        ["com.apple.asset.credential.identity"] = Credential,
        ["com.apple.asset.credential.acme"] = Credential,
        ["com.apple.asset.credential.scep"] = Credential,
    };

    // declarative/declarations/assets/credentials/….yaml, by the asset that refers to it
    public static readonly Dictionary<string, SchemaKey[]> Credentials = new()
    {
        ["com.apple.asset.credential.identity"] = [Must("Password", "string"), Must("Identity", "data")],
        ["com.apple.asset.credential.acme"] = Acme,
        ["com.apple.asset.credential.scep"] = Scep,
    };

    /// <summary>What of a document is not as its table has it.</summary>
    /// <param name="node">The document.</param>
    /// <param name="keys">The table.</param>
    /// <param name="isJson">Whether bytes are texts in base64.</param>
    public static IEnumerable<string> Faults(AppleNode node, SchemaKey[] keys, bool isJson = false) =>
        Faults(node, keys, isJson, "");

    private static IEnumerable<string> Faults(AppleNode node, SchemaKey[] keys, bool isJson, string path)
    {
        foreach (var missing in keys.Where(key => key.IsRequired && !node.Keys.ContainsKey(key.Name)))
            yield return $"{path}: no {missing.Name}";
        foreach (var (name, value) in node.Keys)
        {
            if ((keys.FirstOrDefault(key => key.Name == name) ?? keys.FirstOrDefault(static key => key.Name.Length == 0)) is { } key)
            {
                foreach (var fault in FaultsOf(value, key, isJson, $"{path}/{name}"))
                    yield return fault;
            }
            else
                yield return $"{path}: {name} is no key";
        }
    }

    private static IEnumerable<string> FaultsOf(AppleNode value, SchemaKey key, bool isJson, string path)
    {
        if (key.Type == "any")
            yield break;
        if (value.Type != (isJson && key.Type == "data" ? "string" : key.Type))
            yield return $"{path}: {value.Type} instead of {key.Type}";
        else if (key.Range.Length > 0 && !key.Range.Contains(value.Text))
            yield return $"{path}: {value.Text} is none of {string.Join(", ", key.Range)}";
        else if (key.Type == "data" && !Convert.TryFromBase64String(value.Text, new byte[value.Text.Length], out _))
            yield return $"{path}: not base64";
        else if (key.Type == "date"
            && !DateTime.TryParseExact(value.Text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, default, out _))
            yield return $"{path}: not a date";
        else if (key.Type == "dictionary")
        {
            foreach (var fault in Faults(value, key.Keys, isJson, path))
                yield return fault;
        }
        foreach (var (index, item) in value.Items.Index())
        {
            foreach (var fault in FaultsOf(item, key.Keys[0], isJson, $"{path}[{index}]"))
                yield return fault;
        }
    }

    private static SchemaKey Must(string name, string type, params SchemaKey[] keys) =>
        new(name, type) { IsRequired = true, Keys = keys };

    private static SchemaKey Must(string name, string type, params string[] range) =>
        new(name, type) { IsRequired = true, Range = range };

    private static SchemaKey Must(string name, string type) => new(name, type) { IsRequired = true };

    private static SchemaKey May(string name, string type, params SchemaKey[] keys) => new(name, type) { Keys = keys };

    private static SchemaKey May(string name, string type, params string[] range) => new(name, type) { Range = range };

    private static SchemaKey May(string name, string type) => new(name, type);

    private static SchemaKey Item(string type, params SchemaKey[] keys) => new("item", type) { Keys = keys };
}

/// <summary>A key of Apple's schema; without a name, any.</summary>
internal sealed record SchemaKey(string Name, string Type)
{
    public bool IsRequired { get; init; }

    public string[] Range { get; init; } = [];

    public SchemaKey[] Keys { get; init; } = [];
}
