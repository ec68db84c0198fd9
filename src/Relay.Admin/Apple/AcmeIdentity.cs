namespace Relay.Admin.Apple;

/// <summary>A certificate that the device gets by ACME (RFC 8555), with an attestation where that is asked for.</summary>
public sealed record AcmeIdentity : MadeIdentity
{
    /// <summary>The https URL of the server's directory.</summary>
    public string? DirectoryUrl { get; init; }

    /// <summary>What the server knows the device by.</summary>
    public string? ClientIdentifier { get; init; }

    /// <summary>RSA, or ECSECPrimeRandom, which is the default.</summary>
    public string KeyType { get; init; } = "ECSECPrimeRandom";

    /// <summary>In bits: 256, 384 or 521; of RSA 1024 to 4096.</summary>
    public int KeySize { get; init; } = 384;

    /// <summary>Whether the key cannot leave the device: of ECSECPrimeRandom with 256 or 384 bits.</summary>
    public bool HardwareBound { get; init; }

    /// <summary>Whether the device attests itself and the key; with hardwareBound.</summary>
    public bool Attest { get; init; }

    /// <summary>The certificate's subject: pairs of an attribute (C, L, ST, O, OU, CN, or an OID) and its value.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Subject { get; init; } = [];

    /// <summary>Its other names.</summary>
    public AppleAltName? SubjectAltName { get; init; }

    /// <summary>What the key is for: 1 for signatures, 4 for encryption, 5 for both.</summary>
    public int? UsageFlags { get; init; }

    /// <summary>What the certificate is for, as OIDs.</summary>
    public IReadOnlyList<string> ExtendedKeyUsage { get; init; } = [];

    internal override string Field => "acme";

    internal override string PayloadType => "com.apple.security.acme";

    internal override string AssetType => "com.apple.asset.credential.acme";

    internal override PayloadDictionary ToPayload() => new()
    {
        { "DirectoryURL", DirectoryUrl }, { "ClientIdentifier", ClientIdentifier }, { "KeyType", KeyType }, { "KeySize", KeySize },
        { "HardwareBound", HardwareBound }, { "Attest", Attest }, { "Subject", AppleText.SubjectOf(Subject) },
        { "SubjectAltName", SubjectAltName?.ToKeys() }, { "UsageFlags", UsageFlags }, { "ExtendedKeyUsage", ExtendedKeyUsage },
    };

    internal override PayloadDictionary ToCredential() => ToPayload();

    internal override IEnumerable<(string Field, string Detail)> Faults(bool isDeclared)
    {
        if (!AppleText.IsUrl(DirectoryUrl))
            yield return ("directoryUrl", "an https URL is wanted");
        if (ClientIdentifier is null || !AppleText.IsText(ClientIdentifier, 256))
            yield return ("clientIdentifier", "1 to 256 characters are wanted");
        if (KeyType is not ("RSA" or "ECSECPrimeRandom"))
            yield return ("keyType", "none of RSA, ECSECPrimeRandom");
        else if (KeyType == "RSA" ? KeySize is < 1024 or > 4096 || KeySize % 8 != 0 : KeySize is not (256 or 384 or 521))
            yield return ("keySize", KeyType == "RSA" ? "not a multiple of 8 from 1024 to 4096" : "none of 256, 384, 521");
        if (HardwareBound && (KeyType == "RSA" || KeySize == 521))
            yield return ("hardwareBound", "needs ECSECPrimeRandom with 256 or 384 bits");
        if (Attest && !HardwareBound)
            yield return ("attest", "needs hardwareBound");
        if (Subject.Count == 0)
            yield return ("subject", "required");
        else if (AppleText.FaultOfSubject(Subject) is { } fault)
            yield return ("subject", fault);
        if (UsageFlags is not (null or 1 or 4 or 5))
            yield return ("usageFlags", "none of 1, 4, 5");
        if (ExtendedKeyUsage.FirstOrDefault(static oid => !AppleText.IsOid(oid)) is { } wrong)
            yield return ("extendedKeyUsage", $"'{wrong}' is not an OID such as 1.3.6.1.5.5.7.3.2");
        foreach (var wrongName in SubjectAltName?.Faults() ?? [])
            yield return wrongName;
    }
}
