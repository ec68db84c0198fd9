namespace Relay.Fleet.Contract;

/// <summary>A device that a user gets, without its secret, which no store ever has.</summary>
/// <param name="Id">Its credential's; random.</param>
/// <param name="Name">What an operator calls it.</param>
/// <param name="Sha256">See <see cref="CredentialEntry.Sha256"/>.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
public sealed record NewDevice(string Id, string Name, string Sha256, DateTimeOffset? ExpiresAt = null);

/// <summary>What is answered once, when a user gets a device, and can never be asked for again.</summary>
public sealed record NewCredential
{
    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>By what it is removed.</summary>
    public required string Id { get; init; }

    /// <summary>The device's name.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// What the device shows: as a Bearer token, or with Basic as the password of the user's name. 256 random bits, in base64url.
    /// </summary>
    public required string Secret { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
