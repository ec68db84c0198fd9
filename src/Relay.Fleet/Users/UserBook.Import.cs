namespace Relay.Fleet.Users;

/// <content>What another store had.</content>
public sealed partial class UserBook
{
    /// <summary>Compares users of another store with these; changes nothing.</summary>
    /// <param name="users">The others.</param>
    /// <param name="conflicts">Gets what speaks against adding them, one sentence each.</param>
    /// <param name="before">How many others are to be added before them.</param>
    /// <returns>Those that are not here.</returns>
    public IReadOnlyList<StoredUser> Compare(IReadOnlyList<StoredUser> users, ICollection<string> conflicts, int before = 0)
    {
        List<StoredUser> added = [];
        foreach (var user in users.Where(static user => !user.IsRemoved))
        {
            if (FindStored(user.Name) is not { } here)
                added.Add(user);
            else if (!here.IsSame(user))
                conflicts.Add($"user {user.Name} is another one here");
        }
        if (Users + before + added.Count > MaxUsers)
            conflicts.Add($"there are {Users} users here, and {before + added.Count} more would be too many");
        var devices = added.Sum(static user => user.Devices.Count);
        if (_devices + devices > MaxDevices)
            conflicts.Add($"there are {_devices} devices here, and {devices} more would be too many");
        // Whose it is would be chance.
        var secrets = added.Count == 0 ? [] : _byName.SelectMany(static user => user.Devices).Select(static device => device.Sha256)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var user in added.Where(user => user.Devices.Any(device => !secrets.Add(device.Sha256))))
            conflicts.Add($"user {user.Name} has a secret that another has");
        return added;
    }

    /// <summary>Adds users that <see cref="Compare"/> gave, each as a change of this store.</summary>
    public void Add(IReadOnlyList<StoredUser> users, DateTimeOffset now)
    {
        foreach (var user in users)
            Keep(user, now);
    }
}
