namespace Relay.Fleet.Contract;

/// <summary>Somebody who may use the fleet's relays, as an operator sees it: without anything secret.</summary>
public sealed record User
{
    /// <summary>The most devices that a user has.</summary>
    public const int MaxDevices = 64;

    /// <summary>Its name, see <see cref="Names.IsUser"/>; what its sessions are of is <c>user:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It is refused until it is enabled again.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Its devices, each with a credential of its own, oldest first; at most <see cref="MaxDevices"/>.</summary>
    public IReadOnlyList<UserDevice> Devices { get; init; } = [];

    /// <summary>Changes with every change of the user or of a device.</summary>
    public string Version { get; init; } = "";
}

/// <summary>A device of a user.</summary>
/// <param name="Id">Its credential's, by which it is removed.</param>
/// <param name="Name">What an operator calls it.</param>
/// <param name="CreatedAt">Since when it is there.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
public sealed record UserDevice(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null);
