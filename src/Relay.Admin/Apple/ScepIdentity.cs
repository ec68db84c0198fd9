namespace Relay.Admin.Apple;

/// <summary>A certificate that the device gets by SCEP (RFC 8894).</summary>
public sealed record ScepIdentity : MadeIdentity
{
    /// <summary>The server's URL, of http or https.</summary>
    public string? Url { get; init; }

    /// <summary>Which authority of the server's.</summary>
    public string? Name { get; init; }

    /// <summary>The certificate's subject: pairs of an attribute (C, L, ST, O, OU, CN, or an OID) and its value.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Subject { get; init; } = [];

    /// <summary>Its other names.</summary>
    public AppleAltName? SubjectAltName { get; init; }

    /// <summary>A secret that the server knows.</summary>
    public string? Challenge { get; init; }

    /// <summary>Of the RSA key, in bits: 1024, 2048 or 4096.</summary>
    public int KeySize { get; init; } = 2048;

    /// <summary>What the key is for: 1 for signatures, 4 for encryption, 5 for both.</summary>
    public int? KeyUsage { get; init; }

    /// <summary>The fingerprint of the authority's certificate, in base64.</summary>
    public byte[]? CaFingerprint { get; init; }

    /// <summary>How often the device asks again while the server says that it is pending.</summary>
    public int? Retries { get; init; }

    /// <summary>Seconds between two of these.</summary>
    public int? RetryDelay { get; init; }

    internal override string Field => "scep";

    internal override string PayloadType => "com.apple.security.scep";

    internal override string AssetType => "com.apple.asset.credential.scep";

    internal override PayloadDictionary ToPayload() => new() { { "PayloadContent", ToCredential() } };

    internal override PayloadDictionary ToCredential() => new()
    {
        { "URL", Url }, { "Name", Name }, { "Subject", AppleText.SubjectOf(Subject) }, { "Challenge", Challenge },
        { "Keysize", KeySize }, { "Key Type", "RSA" }, { "Key Usage", KeyUsage }, { "CAFingerprint", CaFingerprint },
        { "Retries", Retries }, { "RetryDelay", RetryDelay }, { "SubjectAltName", SubjectAltName?.ToKeys() },
    };

    internal override IEnumerable<(string Field, string Detail)> Faults(bool isDeclared)
    {
        if (!AppleText.IsUrl(Url, "http", "https"))
            yield return ("url", "an http or https URL is wanted");
        foreach (var (field, text) in ((string, string?)[])[("name", Name), ("challenge", Challenge)])
        {
            if (text is not null && !AppleText.IsText(text, 1024))
                yield return (field, "empty, or longer than 1024 characters");
        }
        if (AppleText.FaultOfSubject(Subject) is { } fault)
            yield return ("subject", fault);
        if (KeySize is not (1024 or 2048 or 4096))
            yield return ("keySize", "none of 1024, 2048, 4096");
        if (KeyUsage is not (null or 1 or 4 or 5))
            yield return ("keyUsage", "none of 1, 4, 5");
        if (CaFingerprint is { Length: not (16 or 20 or 32 or 48 or 64) })
            yield return ("caFingerprint", "no fingerprint has that length");
        foreach (var (field, number) in ((string, int?)[])[("retries", Retries), ("retryDelay", RetryDelay)])
        {
            if (number is < 0 or > 86_400)
                yield return (field, "not 0 to 86400");
        }
        foreach (var wrong in SubjectAltName?.Faults() ?? [])
            yield return wrong;
    }
}
