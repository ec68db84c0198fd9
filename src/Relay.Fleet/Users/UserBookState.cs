using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>The fleet's users: everything that has to outlive a <see cref="UserBook"/>.</summary>
public sealed record UserBookState
{
    /// <summary>The store's generation.</summary>
    public required Guid Store { get; init; }

    /// <summary>The last version given out.</summary>
    public required long Version { get; init; }

    /// <summary>See <see cref="UserStanding.Floor"/>.</summary>
    public long Floor { get; init; }

    /// <summary>See <see cref="UserPage.IsConfirmed"/>.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>See <see cref="UserStanding.ConfirmedThrough"/>.</summary>
    public long ConfirmedThrough { get; init; }

    /// <summary>See <see cref="UserStanding.Gaps"/>.</summary>
    public IReadOnlyList<UserGap> Gaps { get; init; } = [];

    /// <summary>Enrolments that are not over, oldest first.</summary>
    public IReadOnlyList<Enrolment> Enrolments { get; init; } = [];

    /// <summary>
    /// The users in order of version, with those removed, as far as they are not forgotten; of those after <see cref="Floor"/> none is.
    /// Where most are kept aside (<see cref="Buckets"/>), those that are not.
    /// </summary>
    public IReadOnlyList<StoredUser> Users { get; init; } = [];

    /// <summary>
    /// Where users are kept aside in <see cref="UserBucket"/>s: for each of them the version through which it was written, 0 for one
    /// that never was. Empty where none are.
    /// </summary>
    public IReadOnlyList<long> Buckets { get; init; } = [];

    /// <summary>Those that were changed after a version.</summary>
    public IEnumerable<StoredUser> ChangedAfter(long version)
    {
        var (low, high) = (0, Users.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            (low, high) = Users[middle].Version > version ? (low, middle) : (middle + 1, high);
        }
        for (var i = low; i < Users.Count; i++)
            yield return Users[i];
    }

    /// <summary>
    /// Who is not the same here as in another state, as he is there or here; of those who were removed, only whom this one has not
    /// forgotten. Neither needs to go on from the other: a fleet goes back from what it believes is not written.
    /// </summary>
    public IEnumerable<StoredUser> DifferingFrom(UserBookState? other)
    {
        if (ReferenceEquals(Users, other?.Users))
            yield break;
        using var here = Users.GetEnumerator();
        using var there = (other?.Users ?? []).GetEnumerator();
        var (isHere, isThere) = (here.MoveNext(), there.MoveNext());
        while (isHere || isThere)
        {
            var order = !isHere ? 1 : !isThere ? -1 : here.Current.Version.CompareTo(there.Current.Version);
            var isSame = order == 0 && ReferenceEquals(here.Current, there.Current);
            if (order <= 0)
            {
                if (!isSame)
                    yield return here.Current;
                isHere = here.MoveNext();
            }
            if (order >= 0)
            {
                if (!isSame && !(there.Current.IsRemoved && there.Current.Version <= Floor))
                    yield return there.Current;
                isThere = there.MoveNext();
            }
        }
    }

    /// <summary>The same as an import takes it.</summary>
    public UserBookState ForExport() =>
        this with { Gaps = [], Buckets = [], Enrolments = [], Users = [.. Users.Where(static user => !user.IsRemoved)] };
}
