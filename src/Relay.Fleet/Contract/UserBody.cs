namespace Relay.Fleet.Contract;

/// <summary>A user, without the name, which is in the path, and the devices, which have paths of their own.</summary>
public sealed record UserBody : IRequestBody
{
    /// <summary>Refused until enabled again: open sessions end, and none begins.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>From when on the user is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        if (!User.IsTime(ExpiresAt))
            yield return ("expiresAt", User.TimeRule);
    }
}

/// <summary>A device that a user gets.</summary>
public sealed record DeviceBody : IRequestBody
{
    /// <summary>What to call it, other than the user's other devices: 1 to 64 characters.</summary>
    public string? Name { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        if (!UserDevice.IsName(Name))
            yield return ("name", Name is null ? "required" : UserDevice.NameRule);
        if (!User.IsTime(ExpiresAt))
            yield return ("expiresAt", User.TimeRule);
    }
}

/// <summary>The body of a confirmation.</summary>
public sealed record ConfirmBody : IRequestBody
{
    /// <summary>The store's generation, as it was read: so that none is confirmed that nobody has seen.</summary>
    public Guid? Store { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        if (Store is null)
            yield return ("store", "required");
    }
}
