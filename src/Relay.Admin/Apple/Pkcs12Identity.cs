using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace Relay.Admin.Apple;

/// <summary>A certificate with its key, as a file of PKCS #12 (RFC 7292).</summary>
public sealed record Pkcs12Identity : MadeIdentity
{
    /// <summary>The file, in base64.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Its password; a profile without it has the user asked for it.</summary>
    public string? Password { get; init; }

    internal override string Field => "pkcs12";

    internal override string PayloadType => "com.apple.security.pkcs12";

    internal override string AssetType => "com.apple.asset.credential.identity";

    internal override PayloadDictionary ToPayload() => new() { { "PayloadContent", Content }, { "Password", Password } };

    internal override PayloadDictionary ToCredential() => new() { { "Identity", Content }, { "Password", Password } };

    internal override IEnumerable<(string Field, string Detail)> Faults(bool isDeclared)
    {
        if (Content is null)
            yield return ("content", "required");
        else if (!IsPkcs12(Content))
            yield return ("content", "not a file of PKCS #12");
        if (isDeclared && Password is null)
            yield return ("password", "required: devices do not ask for that of a declaration");
        if (Password is not null && !AppleText.IsText(Password, 256))
            yield return ("password", "longer than 256 characters, or a character in it that none can have");
    }

    private static bool IsPkcs12(byte[] content)
    {
        try
        {
            Pkcs12Info.Decode(content, out var length, skipCopy: true);
            return length == content.Length;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
