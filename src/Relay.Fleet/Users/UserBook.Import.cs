namespace Relay.Fleet.Users;

/// <content>What another store had.</content>
public sealed partial class UserBook
{
    /// <summary>Compares users of another store with these; changes nothing.</summary>
    /// <param name="users">The others.</param>
    /// <param name="conflicts">Gets what speaks against adding them, one sentence each.</param>
    /// <param name="before">How many others of the same document are to be added before them.</param>
    /// <returns>Those that are not here.</returns>
    public IReadOnlyList<StoredUser> Compare(
        IReadOnlyList<StoredUser> users, ICollection<string> conflicts, (int Users, int Devices) before = default)
    {
        List<StoredUser> added = [];
        foreach (var user in users.Where(static user => !user.IsRemoved))
        {
            if (FindStored(user.Name) is not { } here)
                added.Add(user);
            else if (!here.IsSame(user))
                conflicts.Add($"user {user.Name} is another one here");
        }
        var (more, devices) = (before.Users + added.Count, before.Devices + added.Sum(static user => user.Devices.Count));
        if (Users + more > MaxUsers)
            conflicts.Add($"there are {Users} users here, and {more} more would be too many");
        if (_devices + devices > MaxDevices)
            conflicts.Add($"there are {_devices} devices here, and {devices} more would be too many");
        // Whose it is would be chance.
        var secrets = added.Count == 0 ? [] : _byName.SelectMany(static user => user.Devices).Select(static device => device.Sha256)
            .ToHashSet(StringComparer.Ordinal);
        CompareSecrets(added, secrets, conflicts);
        return added;
    }

    /// <summary>Compares users of a document with each other, where <see cref="Compare"/> is given parts of it.</summary>
    public static void CompareAll(IReadOnlyList<StoredUser> users, ICollection<string> conflicts) =>
        CompareSecrets(users, new HashSet<string>(StringComparer.Ordinal), conflicts);

    private static void CompareSecrets(IReadOnlyList<StoredUser> users, HashSet<string> secrets, ICollection<string> conflicts)
    {
        foreach (var user in users.Where(user => user.Devices.Any(device => !secrets.Add(device.Sha256))))
            conflicts.Add($"user {user.Name} has a secret that another has");
    }

    /// <summary>Adds users that <see cref="Compare"/> gave, each as a change of this store.</summary>
    public void Add(IReadOnlyList<StoredUser> users, DateTimeOffset now)
    {
        foreach (var user in users)
            Keep(user, now);
    }
}
