namespace Relay.Admin.Apple;

/// <summary>Other names of a certificate that a device asks for.</summary>
public sealed record AppleAltName
{
    /// <summary>An address of mail.</summary>
    public string? Rfc822Name { get; init; }

    /// <summary>A name of DNS.</summary>
    public string? DnsName { get; init; }

    /// <summary>A URI.</summary>
    public string? Uri { get; init; }

    /// <summary>A principal of Windows.</summary>
    public string? NtPrincipalName { get; init; }

    internal PayloadDictionary ToKeys() => new()
    {
        { "rfc822Name", Rfc822Name }, { "dNSName", DnsName }, { "uniformResourceIdentifier", Uri }, { "ntPrincipalName", NtPrincipalName },
    };

    internal IEnumerable<(string Field, string Detail)> Faults()
    {
        foreach (var (field, text) in ((string, string?)[])
            [("rfc822Name", Rfc822Name), ("dnsName", DnsName), ("uri", Uri), ("ntPrincipalName", NtPrincipalName)])
        {
            if (text is not null && !AppleText.IsText(text, 256))
                yield return ($"subjectAltName.{field}", "empty, or longer than 256 characters");
        }
    }
}
