namespace Relay.Admin.Apple;

/// <summary>The certificate that a device shows to a relay: one of reference, pkcs12, acme and scep.</summary>
public sealed record AppleIdentity
{
    /// <summary>
    /// What is there already: the PayloadUUID of a payload that will be put into the same profile, or the identifier of an asset's
    /// declaration.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>A certificate with its key.</summary>
    public Pkcs12Identity? Pkcs12 { get; init; }

    /// <summary>One that the device gets by ACME.</summary>
    public AcmeIdentity? Acme { get; init; }

    /// <summary>One that the device gets by SCEP.</summary>
    public ScepIdentity? Scep { get; init; }

    /// <summary>For declarations: the https URL where the identity's data will be served. Profiles have it within.</summary>
    public string? DataUrl { get; init; }

    /// <summary>What is to be put beside the relay; null for a reference.</summary>
    internal MadeIdentity? Made => (MadeIdentity?)Pkcs12 ?? (MadeIdentity?)Acme ?? Scep;

    /// <summary>What is wrong with it.</summary>
    /// <param name="isDeclared">Whether it is for declarations.</param>
    internal IEnumerable<(string Field, string Detail)> Faults(bool isDeclared)
    {
        object?[] kinds = [Reference, Pkcs12, Acme, Scep];
        if (kinds.Count(static kind => kind is not null) != 1)
            yield return ("", "one of reference, pkcs12, acme and scep is wanted");
        if (Reference is not null && (isDeclared
            ? Reference.Length is 0 or > 64 || !AppleText.IsText(Reference, 64) : !Guid.TryParseExact(Reference, "D", out _)))
            yield return ("reference", isDeclared ? "not an identifier of at most 64 characters" : "not a UUID");
        if (isDeclared && Made is not null && !AppleText.IsUrl(DataUrl))
            yield return ("dataUrl", "the https URL is wanted where the data will be served");
        if (DataUrl is not null && (!isDeclared || Made is null))
            yield return ("dataUrl", "only declarations refer to data elsewhere");
        foreach (var (field, detail) in Made?.Faults(isDeclared) ?? [])
            yield return ($"{Made!.Field}.{field}", detail);
    }
}

/// <summary>An identity that comes with what refers to it. Keys are those of Apple's schema.</summary>
public abstract record MadeIdentity
{
    /// <summary>Its field in a request.</summary>
    internal abstract string Field { get; }

    /// <summary>The type of its payload.</summary>
    internal abstract string PayloadType { get; }

    /// <summary>The type of its asset.</summary>
    internal abstract string AssetType { get; }

    /// <summary>The keys of its payload.</summary>
    internal abstract PayloadDictionary ToPayload();

    /// <summary>The keys of its asset's data.</summary>
    internal abstract PayloadDictionary ToCredential();

    /// <summary>What is wrong with it.</summary>
    internal abstract IEnumerable<(string Field, string Detail)> Faults(bool isDeclared);
}
