namespace Relay.Admin.Apple;

/// <summary>What Apple's devices shall do with a relay, as a configuration profile, which has more to say than declarations.</summary>
public sealed record AppleProfileBody : AppleRelayBody
{
    /// <summary>Whose profile it is, for the user.</summary>
    public string? Organization { get; init; }

    /// <summary>What it is for, for the user.</summary>
    public string? Description { get; init; }

    /// <summary>When the device is to offer an update of it (PayloadExpirationDate).</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What the user is to agree to: by the tag of a language (BCP 47), and <c>default</c> for all others.</summary>
    public IReadOnlyDictionary<string, string> Consent { get; init; } = new Dictionary<string, string>();

    internal override bool IsDeclared => false;

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Detail)> Faults()
    {
        foreach (var fault in base.Faults())
            yield return fault;
        if (Organization is not null && !AppleText.IsText(Organization, 100))
            yield return ("organization", "empty, longer than 100 characters, or a character in it that a name cannot have");
        if (Description is not null && !AppleText.IsLines(Description, 1000))
            yield return ("description", "empty, longer than 1000 characters, or a control character in it");
        if (Consent.Count > 16)
            yield return ("consent", "more than 16 languages");
        if (Consent.Keys.FirstOrDefault(static language => !AppleText.IsLanguage(language)) is { } wrong)
            yield return ("consent", $"'{wrong}' is not the tag of a language, such as en, nor default");
        if (Consent.FirstOrDefault(static text => text.Value is null || !AppleText.IsLines(text.Value, 4000)) is { Key: not null } text)
            yield return ("consent", $"the text for '{text.Key}' is empty, longer than 4000 characters, or has a control character in it");
    }

    internal override RelaySettings Complete(RelaySettings settings) => settings with
    {
        Organization = Organization,
        Description = Description,
        ExpiresAt = ExpiresAt,
        Consent = Consent,
    };
}
