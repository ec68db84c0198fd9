namespace Relay.Fleet.Contract;

/// <summary>Somebody who may use the fleet's relays, as an operator sees it: without anything secret.</summary>
public sealed record User
{
    /// <summary>The most devices that a user has.</summary>
    public const int MaxDevices = 64;

    /// <summary>What a time is that may be given, to be shown to users.</summary>
    public const string TimeRule = "not a time of the years 1970 to 8999";

    /// <summary>Whether a time may be given: sums with it are dates still.</summary>
    internal static bool IsTime(DateTimeOffset? time) => time is null or { Year: >= 1970 and < 9000 };

    /// <summary>Its name, see <see cref="Names.IsUser"/>; what its sessions are of is <c>user:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It is refused until it is enabled again.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Its devices, each with a credential of its own, oldest first; at most <see cref="MaxDevices"/>.</summary>
    public IReadOnlyList<UserDevice> Devices { get; init; } = [];

    /// <summary>
    /// When a session of the user last began or carried something, to the second; null where that is not known. No part of what
    /// the version is of.
    /// </summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>
    /// What the user has used in this calendar month (UTC), in bytes both ways together; null where that is not known at the moment.
    /// No part of what the version is of.
    /// </summary>
    public long? BytesThisMonth { get; init; }

    /// <summary>Changes with every change of the user or of a device.</summary>
    public string Version { get; init; } = "";
}

/// <summary>A device of a user.</summary>
/// <param name="Id">Its credential's, by which it is removed.</param>
/// <param name="Name">What an operator calls it.</param>
/// <param name="CreatedAt">Since when it is there.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
public sealed record UserDevice(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>What a device's name is, to be shown to users.</summary>
    public const string NameRule = "not 1 to 64 characters of plain text";

    /// <summary>Whether a device may be called so.</summary>
    public static bool IsName(string? name) => !string.IsNullOrWhiteSpace(name) && Names.IsText(name, 64);
}
