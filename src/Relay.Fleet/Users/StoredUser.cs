using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>A user as the fleet keeps him; it never has a secret, only what a secret hashes to.</summary>
public sealed record StoredUser
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The version that his last change got, among all of the store.</summary>
    public required long Version { get; init; }

    /// <summary>He is no user any more: kept until nodes need not be told.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>See <see cref="User.IsDisabled"/>.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>See <see cref="User.ExpiresAt"/>.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>His devices, oldest first.</summary>
    public IReadOnlyList<StoredDevice> Devices { get; init; } = [];

    /// <summary>His version, as operators see it.</summary>
    internal string VersionText => Versions.ToText(Version);

    /// <summary>What operators see.</summary>
    internal User ToUser() => new()
    {
        Name = Name,
        IsDisabled = IsDisabled,
        ExpiresAt = ExpiresAt,
        Devices = [.. Devices.Select(static device => new UserDevice(device.Id, device.Name, device.CreatedAt, device.ExpiresAt))],
        Version = VersionText,
    };

    /// <summary>What nodes get.</summary>
    internal UserEntry ToEntry() => IsRemoved ? new UserEntry { Name = Name, IsRemoved = true } : new UserEntry
    {
        Name = Name,
        IsDisabled = IsDisabled,
        ExpiresAt = ExpiresAt,
        Credentials = [.. Devices.Select(static device => new CredentialEntry(device.Id, device.Sha256, device.ExpiresAt))],
    };

    /// <summary>The most that <see cref="ToEntry"/> is as JSON with a comma, in bytes: each + is an escape of six.</summary>
    internal int EntryBytes
    {
        get
        {
            var bytes = EntryFrame + TimeOf(ExpiresAt) + Escaped(Name);
            foreach (var device in IsRemoved ? [] : Devices)
                bytes += CredentialFrame + TimeOf(device.ExpiresAt) + Escaped(device.Id) + Escaped(device.Sha256);
            return bytes;
        }
    }

    /// <summary>Whether another has the same, whatever their versions.</summary>
    internal bool IsSame(StoredUser other) =>
        Name == other.Name && IsRemoved == other.IsRemoved && IsDisabled == other.IsDisabled && ExpiresAt == other.ExpiresAt
        && Devices.SequenceEqual(other.Devices);

    // All but the texts, with a comma after it.
    private const int EntryFrame = 66;
    private const int CredentialFrame = 22;

    // Its name, and to the tenth of a microsecond with an offset.
    private static int TimeOf(DateTimeOffset? time) => time is null ? 0 : 48;

    private static int Escaped(string text) => text.Length + 5 * text.AsSpan().Count('+');
}

/// <summary>A user's device as the fleet keeps it.</summary>
/// <param name="Id">Its credential's.</param>
/// <param name="Name">What an operator calls it.</param>
/// <param name="Sha256">See <see cref="CredentialEntry.Sha256"/>.</param>
/// <param name="CreatedAt">Since when it is there.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
public sealed record StoredDevice(
    string Id, string Name, string Sha256, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null);
