using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>
/// A part of the users, by a hash of their names. 100 000 users with three devices are more than 50 MB: no single record is to be
/// written for each change of one of them.
/// </summary>
public sealed record UserBucket
{
    /// <summary>How many there are: each has a few hundred of as many users as there may be.</summary>
    public const int Count = 256;

    /// <summary>The version through which it has what there was.</summary>
    public long Through { get; init; }

    /// <summary>See <see cref="UserStanding.Floor"/>: whom it has not as removed may have been forgotten up to here.</summary>
    public long Floor { get; init; }

    /// <summary>Its users, in order of version.</summary>
    public IReadOnlyList<StoredUser> Users { get; init; } = [];

    /// <summary>The bucket that a user belongs to: FNV-1a over the name. It is what is stored, and stays so.</summary>
    public static int Of(string name)
    {
        var hash = 2166136261u;
        foreach (var character in name)
            hash = (hash ^ character) * 16777619u;
        return (int)(hash % Count);
    }

    /// <summary>Some of the buckets, as they are with a state that has all users.</summary>
    public static IReadOnlyDictionary<int, UserBucket> Of(UserBookState state, IReadOnlySet<int> wanted)
    {
        var users = state.Users.Where(user => wanted.Contains(Of(user.Name))).ToLookup(static user => Of(user.Name));
        return wanted.ToDictionary(
            static bucket => bucket, bucket => new UserBucket { Through = state.Version, Floor = state.Floor, Users = [.. users[bucket]] });
    }
}
