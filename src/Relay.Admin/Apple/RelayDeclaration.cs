using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Relay.Admin.Apple;

/// <summary>A declaration of Apple's declarative device management.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Identifier">Its name among a device's declarations.</param>
/// <param name="ServerToken">Another one wherever the payload is another.</param>
/// <param name="Payload">What it says, in the keys of Apple's schema of the type.</param>
public sealed record AppleDeclaration(
    [property: JsonPropertyName("Type")] string Type, [property: JsonPropertyName("Identifier")] string Identifier,
    [property: JsonPropertyName("ServerToken")] string ServerToken, [property: JsonPropertyName("Payload")] JsonObject Payload);

/// <summary>What an asset refers to, to be served to devices there.</summary>
/// <param name="Url">Where.</param>
/// <param name="ContentType">As what.</param>
/// <param name="Content">The bytes, in base64: an identity among them is a secret.</param>
public sealed record AppleAssetData(string Url, string ContentType, byte[] Content);

/// <summary>The declarations for a device, assets before what refers to them, and the assets' data.</summary>
/// <param name="Declarations">For a server of device management, which adds an activation.</param>
/// <param name="Data">For a web server.</param>
public sealed record AppleDeclarations(IReadOnlyList<AppleDeclaration> Declarations, IReadOnlyList<AppleAssetData> Data);

/// <summary>
/// A <c>com.apple.configuration.network.relay</c> declaration, for iOS 27, macOS 27, visionOS 27 and later, where the payload of
/// profiles is deprecated, with declarations of what it needs.
/// </summary>
internal static class RelayDeclaration
{
    /// <summary>The declarations.</summary>
    public static AppleDeclarations ToDeclarations(this RelaySettings settings)
    {
        var declarations = new List<AppleDeclaration>();
        var data = new List<AppleAssetData>();
        foreach (var root in settings.RootCertificates)
        {
            var pem = Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", root.Der) + "\n");
            data.Add(new AppleAssetData(root.DataUrl!, "application/pem", pem));
            var asset = Asset("com.apple.asset.credential.certificate", settings.UuidOf($"asset {root.Part}"), data[^1]);
            declarations.Add(asset);
            declarations.Add(Declare("com.apple.configuration.security.certificate", settings.UuidOf(root.Part),
                new() { { "CredentialAssetReference", asset.Identifier } }));
        }
        var identity = settings.Identity?.Reference;
        if (settings.Identity?.Made is { } made)
        {
            var document = Encoding.UTF8.GetBytes(made.ToCredential().ToJson().ToJsonString());
            data.Add(new AppleAssetData(settings.Identity.DataUrl!, "application/json", document));
            declarations.Add(Asset(made.AssetType, settings.UuidOf("asset identity"), data[^1]));
            identity = declarations[^1].Identifier;
        }
        declarations.Add(Declare("com.apple.configuration.network.relay", settings.UuidOf("declaration"),
            new PayloadDictionary { { "VisibleName", settings.Name } }.With(settings.ToKeys("CredentialAssetReference", identity))));
        return new AppleDeclarations(declarations, data);
    }

    private static AppleDeclaration Asset(string type, string identifier, AppleAssetData data) => Declare(type, identifier, new()
    {
        {
            "Reference", new PayloadDictionary
            {
                { "DataURL", data.Url }, { "ContentType", data.ContentType }, { "Size", data.Content.Length },
            }
        },
        // An identity is for who is managed alone.
        { "Authentication", new PayloadDictionary { { "Type", "MDM" } } },
    }, data.Content);

    // An asset's data may change where its reference does not: both have a part in the token.
    private static AppleDeclaration Declare(string type, string identifier, PayloadDictionary payload, byte[]? data = null)
    {
        var json = payload.ToJson();
        byte[] told = [.. Encoding.UTF8.GetBytes(json.ToJsonString()), .. data ?? []];
        return new AppleDeclaration(type, identifier, Convert.ToHexStringLower(SHA256.HashData(told)), json);
    }
}
