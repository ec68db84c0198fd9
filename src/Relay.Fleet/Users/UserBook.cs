using System.Collections.Immutable;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>
/// The rules of the fleet's users. Each change gives its user the store's next version, so that a node is told what has changed by
/// the version that it has, and nobody walks all users for that. What <see cref="ToState"/> gives is not touched by later changes,
/// and costs nothing to make.
/// </summary>
public sealed partial class UserBook
{
    /// <summary>How many users there may be.</summary>
    public const int MaxUsers = 100_000;

    /// <summary>How many devices they may have together.</summary>
    public const int MaxDevices = 400_000;

    /// <summary>So many users that are removed are told of, whatever else there is.</summary>
    public const int MinRemoved = 1024;

    private const int MaxGaps = 16;
    private const int RecentGaps = 4;

    private static readonly Comparer<StoredUser> ByVersion =
        Comparer<StoredUser>.Create(static (a, b) => a.Version.CompareTo(b.Version));

    // Both have those that are removed.
    private ImmutableList<StoredUser> _byName;
    private ImmutableList<StoredUser> _byVersion;
    private ImmutableList<UserGap> _gaps;
    private int _removed;
    private int _devices;
    private long _version;
    private long _floor;
    private long _first;
    private long _confirmedThrough;

    /// <summary>Goes on from a state, or from none: then nothing can be said before <see cref="Begin"/>.</summary>
    /// <param name="state">The state. Of a user that is in it more than once, the latest change counts.</param>
    /// <param name="now">The coordinator's clock.</param>
    public UserBook(UserBookState? state, DateTimeOffset now)
    {
        var latest = new Dictionary<string, StoredUser>(StringComparer.Ordinal);
        foreach (var user in state?.Users ?? [])
        {
            if (!latest.TryGetValue(user.Name, out var known) || known.Version < user.Version)
                latest[user.Name] = user;
        }
        (Store, IsConfirmed, _floor) = (state?.Store ?? Guid.Empty, state?.IsConfirmed ?? false, state?.Floor ?? 0);
        _confirmedThrough = state?.ConfirmedThrough ?? 0;
        // Those removed below the floor, too: a store that began anew is above some of whom storage may have as he was.
        StoredUser[] users = [.. latest.Values];
        _version = users.Select(static user => user.Version).Append(state?.Version ?? 0).Max();
        _byName = [.. users.Order(UserList.ByName)];
        _byVersion = [.. users.Order(ByVersion)];
        _gaps = [.. state?.Gaps ?? []];
        _enrolments = [.. state?.Enrolments ?? []];
        _removed = users.Count(static user => user.IsRemoved);
        _devices = users.Sum(static user => user.Devices.Count);
        // What another has given since this was written, as a later state of it that is lost, is not taken for what this gives.
        _first = Next(_version, now);
    }

    /// <summary>The store's generation: another one after it was lost; empty before <see cref="Begin"/>.</summary>
    public Guid Store { get; private set; }

    /// <summary>An operator has said that it replaces what nodes have of another.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>See <see cref="MinRemoved"/>; for tests.</summary>
    internal int KeptRemoved { get; init; } = MinRemoved;

    /// <summary>So many <see cref="UserStanding.Gaps"/> are kept apart; for tests.</summary>
    internal int KeptGaps { get; init; } = MaxGaps;

    /// <summary>See <see cref="UserPage.MaxBytes"/>; for tests.</summary>
    internal int PageBytes { get; init; } = UserPage.MaxBytes;

    /// <summary>Rises with every change of what <see cref="ToState"/> gives that has to be stored.</summary>
    public long Revision { get; private set; }

    /// <summary>How many users there are.</summary>
    public int Users => _byName.Count - _removed;

    /// <summary>What has to be stored.</summary>
    public UserBookState ToState() => new()
    {
        Store = Store,
        Version = _version,
        Floor = _floor,
        IsConfirmed = IsConfirmed,
        ConfirmedThrough = _confirmedThrough,
        Gaps = _gaps,
        Enrolments = _enrolments,
        Users = _byVersion,
    };

    /// <summary>Begins a store, where there was none.</summary>
    public void Begin(Guid store, DateTimeOffset now)
    {
        if (Store == Guid.Empty)
            BeginAnew(store, now);
    }

    /// <summary>What is known may not be all that there was: nodes keep what they have until an operator has looked at it.</summary>
    public void LoseMemory(Guid store, DateTimeOffset now)
    {
        IsConfirmed = false;
        BeginAnew(store, now);
    }

    /// <summary>Adds a user, or changes one.</summary>
    /// <param name="user">The user; neither devices nor version are looked at.</param>
    /// <param name="expectedVersion">As <see cref="IFleetUsers.PutUserAsync"/> has it.</param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<User> Put(User user, string? expectedVersion, DateTimeOffset now)
    {
        if (!Names.IsUser(user.Name))
            return FleetResult.Invalid<User>("name", "a user's name is " + Names.UserRule);
        if (!User.IsTime(user.ExpiresAt))
            return FleetResult.Invalid<User>("expiresAt", User.TimeRule);
        var old = FindStored(user.Name);
        if (!Versions.Fits(expectedVersion, old?.VersionText))
            return FleetResult.PreconditionFailed<User>(expectedVersion!.Length == 0
                ? $"there is a user {user.Name} already" : $"user {user.Name} has been changed since the version was read");
        if (old is null && Users >= MaxUsers)
            return FleetResult.Conflict<User>($"there are {MaxUsers} users already");
        var changed = old ?? new StoredUser { Name = user.Name, Version = 0 };
        changed = changed with { IsDisabled = user.IsDisabled, ExpiresAt = user.ExpiresAt };
        return FleetResult.Ok(old == changed ? old.ToUser() : Keep(changed, now));
    }

    /// <summary>Removes a user.</summary>
    public FleetResult<User> Delete(string user, string? expectedVersion, DateTimeOffset now)
    {
        if (FindStored(user) is not { } old)
            return NoUser(user);
        if (!Versions.Fits(expectedVersion, old.VersionText))
            return FleetResult.PreconditionFailed<User>($"user {user} has been changed since the version was read");
        Keep(new StoredUser { Name = user, Version = 0, IsRemoved = true }, now);
        return FleetResult.Ok(old.ToUser());
    }

    /// <summary>Gives a user a device.</summary>
    public FleetResult<User> AddDevice(string user, NewDevice device, DateTimeOffset now)
    {
        if (!Names.IsOperation(device.Id) || !DeviceSecret.IsHash(device.Sha256))
            return FleetResult.Invalid<User>("id", "a device has an id and the hash of a secret");
        if (!UserDevice.IsName(device.Name))
            return FleetResult.Invalid<User>("name", UserDevice.NameRule);
        if (!User.IsTime(device.ExpiresAt))
            return FleetResult.Invalid<User>("expiresAt", User.TimeRule);
        if (FindStored(user) is not { } old)
            return NoUser(user);
        if (old.Devices.Any(known => known.Id == device.Id && known.Sha256 == device.Sha256))
            return FleetResult.Ok(old.ToUser());
        if (old.Devices.Any(known => known.Id == device.Id || known.Name == device.Name))
            return FleetResult.Conflict<User>($"{user} has a device {device.Name} already");
        if (old.Devices.Count >= User.MaxDevices)
            return FleetResult.Conflict<User>($"{user} has {User.MaxDevices} devices already");
        if (_devices >= MaxDevices)
            return FleetResult.Conflict<User>($"there are {MaxDevices} devices already");
        // To the second: it is for people.
        var createdAt = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        return FleetResult.Ok(Keep(old with
        {
            Devices = [.. old.Devices, new StoredDevice(device.Id, device.Name, device.Sha256, createdAt, device.ExpiresAt)],
        }, now));
    }

    /// <summary>Takes a device from a user.</summary>
    public FleetResult<User> RemoveDevice(string user, string credential, DateTimeOffset now)
    {
        if (FindStored(user) is not { } old)
            return NoUser(user);
        return old.Devices.All(device => device.Id != credential)
            ? FleetResult.NotFound<User>($"{user} has no device {credential}")
            : FleetResult.Ok(Keep(old with { Devices = [.. old.Devices.Where(device => device.Id != credential)] }, now));
    }

    /// <summary>An operator says that this store replaces what nodes have of another.</summary>
    /// <param name="store">The one that he has seen.</param>
    /// <param name="next">
    /// The generation that it has from now on, where a node has a later state of this one, which was lost; null to keep its own.
    /// </param>
    /// <param name="latest">The latest version that a node has, whose store this one replaces.</param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<UserStanding> Confirm(Guid store, Guid? next, long latest, DateTimeOffset now)
    {
        if (store != Store)
            return FleetResult.Conflict<UserStanding>($"the store of users is {Store} now: look at it before you confirm it");
        var through = Math.Max(Math.Max(_version, latest), Next(0, now));
        if (!IsConfirmed || through > _confirmedThrough)
            Revision++;
        (IsConfirmed, _confirmedThrough) = (true, Math.Max(through, _confirmedThrough));
        if (next is { } generation)
            BeginAnew(generation, now);
        return FleetResult.Ok(Standing);
    }

    /// <summary>
    /// Forgets those who were removed longest ago, where there are more of them than users: a node that has not heard of them gets
    /// all users anew.
    /// </summary>
    /// <param name="written">Only those that storage has as removed: of another it may have him as he was.</param>
    public void ForgetRemoved(long written)
    {
        if (_removed <= Math.Max(KeptRemoved, Users))
            return;
        var forgotten = _byVersion.Where(user => user.IsRemoved && user.Version <= written).Take(_removed / 2).ToList();
        if (forgotten.Count == 0)
            return;
        var last = forgotten[^1].Version;
        _floor = Math.Max(_floor, last);
        // Not all below the floor: where a store began anew, those too that are not written are below.
        _byName = _byName.RemoveAll(user => user.IsRemoved && user.Version <= last);
        _byVersion = _byVersion.RemoveAll(user => user.IsRemoved && user.Version <= last);
        _removed -= forgotten.Count;
    }

    private static FleetResult<User> NoUser(string user) => FleetResult.NotFound<User>($"there is no user {user}");

    // Of what nodes were told of before it says nothing.
    private void BeginAnew(Guid store, DateTimeOffset now)
    {
        Store = store;
        _version = _floor = Math.Max(_first, Next(_version, now));
        _gaps = [];
        _enrolments = [];
        _first = _version + 1;
        Revision++;
    }

    private User Keep(StoredUser changed, DateTimeOffset now)
    {
        NextVersion(now);
        changed = changed with { Version = _version };
        var at = _byName.BinarySearch(changed, UserList.ByName);
        if (at >= 0)
        {
            Count(_byName[at], -1);
            _byVersion = _byVersion.RemoveAt(_byVersion.BinarySearch(_byName[at], ByVersion));
            _byName = _byName.SetItem(at, changed);
        }
        else
        {
            _byName = _byName.Insert(~at, changed);
        }
        _byVersion = _byVersion.Add(changed);
        Count(changed, 1);
        if (changed.IsRemoved || changed.IsDisabled)
            EndEnrolments(changed.Name);
        Revision++;
        return changed.ToUser();
    }

    private void NextVersion(DateTimeOffset now)
    {
        if (_first > _version + 1)
        {
            _gaps = _gaps.Add(new UserGap(_version, _first));
            if (_gaps.Count > KeptGaps)
                JoinGaps();
        }
        _version = Math.Max(_first, Next(_version, now));
        _first = 0;
    }

    // None is forgotten: what a node has of a state that was lost waits for an operator, however long it was away, and with it one
    // that has been away since the shortest time between two of them. Of the latest, nodes have every version there is between.
    private void JoinGaps()
    {
        // First those between which nothing is left that a node would be given.
        var at = Enumerable.Range(0, _gaps.Count - 1 - RecentGaps).MinBy(i =>
            (FirstAfter(_gaps[i].Before - 1) < FirstAfter(_gaps[i + 1].After), _gaps[i + 1].After - _gaps[i].Before));
        _gaps = _gaps.SetItem(at, new UserGap(_gaps[at].After, _gaps[at + 1].Before)).RemoveAt(at + 1);
    }

    // In microseconds: an import of all users that there may be is a tenth of a second ahead of the clock, and what is begun from
    // an older copy after it is no version of it.
    private static long Next(long last, DateTimeOffset now) =>
        Math.Max(last + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    private void Count(StoredUser user, int sign)
    {
        _removed += user.IsRemoved ? sign : 0;
        _devices += sign * user.Devices.Count;
    }
}
