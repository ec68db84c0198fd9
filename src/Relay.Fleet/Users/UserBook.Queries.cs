using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <content>What operators and nodes ask.</content>
public sealed partial class UserBook
{
    // Of a page, beside its entries.
    private const int PageFrame = 256;

    /// <summary>How the store stands.</summary>
    public UserStanding Standing => new()
    {
        Store = Store,
        Version = _version,
        Floor = _floor,
        IsConfirmed = IsConfirmed,
        ConfirmedThrough = _confirmedThrough,
        Users = Users,
        Devices = _devices,
        Gaps = _gaps,
    };

    /// <summary>Whether there is a user of that name.</summary>
    public bool Has(string user) => FindStored(user) is not null;

    /// <summary>A user; null when there is none of that name.</summary>
    public User? Find(string user) => FindStored(user)?.ToUser();

    /// <summary>Users by name, as they are now: whoever searches in it keeps nobody from changing them.</summary>
    public UserList ToList() => new(_byName);

    /// <summary>What a node is given next; null for nothing.</summary>
    /// <param name="position">What it has; null of a node that takes none.</param>
    /// <param name="since">As <see cref="UserStanding.Next"/> has it.</param>
    public UserPage? PageFor(UserPosition? position, long since = -1) => Standing.Next(position, since) switch
    {
        UserStep.Changes => PageFrom(position!.Version),
        UserStep.WholeSet => PageFrom(0),
        UserStep.Waits when position!.Store != Store =>
            new UserPage { Store = Store, From = 0, Version = UserPage.NoticeVersion },
        _ => null,
    };

    private UserPage PageFrom(long version)
    {
        var entries = new List<UserEntry>();
        var (last, left) = (version, PageBytes - PageFrame);
        for (var i = FirstAfter(version); i < _byVersion.Count; i++)
        {
            var user = _byVersion[i];
            // Who gathers all has not heard of him.
            if (user.IsRemoved && version == 0)
                continue;
            left -= user.EntryBytes;
            if (left < 0)
                break;
            entries.Add(user.ToEntry());
            last = user.Version;
        }
        return new UserPage
        {
            Store = Store,
            From = version,
            Version = left < 0 ? last : _version,
            IsLast = left >= 0,
            IsConfirmed = IsConfirmed,
            Entries = entries,
        };
    }

    private int FirstAfter(long version)
    {
        var at = _byVersion.BinarySearch(new StoredUser { Name = "", Version = version }, ByVersion);
        return at < 0 ? ~at : at + 1;
    }

    private StoredUser? FindStored(string user) =>
        UserList.IndexOf(_byName, user) is >= 0 and var at && _byName[at] is { IsRemoved: false } found ? found : null;
}
