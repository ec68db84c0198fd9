namespace Relay.Admin.Apple;

/// <summary>The certificate of an authority that the device is to trust: that of a relay's certificate.</summary>
public sealed record AppleRoot
{
    /// <summary>The certificate, PEM.</summary>
    public string? Pem { get; init; }

    /// <summary>For declarations: the https URL where it will be served.</summary>
    public string? DataUrl { get; init; }
}
