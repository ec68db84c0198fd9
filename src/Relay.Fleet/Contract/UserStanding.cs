namespace Relay.Fleet.Contract;

/// <summary>What a node is given of the fleet's users next.</summary>
public enum UserStep
{
    /// <summary>It has all, or takes none.</summary>
    Nothing,

    /// <summary>What has changed since.</summary>
    Changes,

    /// <summary>All of them, from the first.</summary>
    WholeSet,

    /// <summary>It has what this store does not know of: nothing, before an operator confirms this store.</summary>
    Waits,
}

/// <summary>How a store of users stands: enough to say what a node is to be given, without the users.</summary>
public sealed record UserStanding
{
    /// <summary>The store's generation.</summary>
    public required Guid Store { get; init; }

    /// <summary>The version of the last change.</summary>
    public required long Version { get; init; }

    /// <summary>The version through which removals are forgotten: what a node has of before says nothing of them.</summary>
    public long Floor { get; init; }

    /// <summary>See <see cref="UserPage.IsConfirmed"/>.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>
    /// The latest version of another store that its confirmation was about: a copy of this store that is put back later replaces no
    /// store that was begun since.
    /// </summary>
    public long ConfirmedThrough { get; init; }

    /// <summary>How many users there are.</summary>
    public int Users { get; init; }

    /// <summary>How many devices they have together.</summary>
    public int Devices { get; init; }

    /// <summary>
    /// Versions that were given to nothing that is known here: a node that has one has it of what was lost, as when an older copy
    /// of the store was put back.
    /// </summary>
    public IReadOnlyList<UserGap> Gaps { get; init; } = [];

    /// <summary>What a node is to be given.</summary>
    /// <param name="position">What it has; null of a node that takes none.</param>
    /// <param name="since">The floor when it was given the beginning of the set that it gathers; negative where that is not known.</param>
    /// <param name="isGiven">The store is known to have given the version that it has, whatever gaps say that were taken together.</param>
    public UserStep Next(UserPosition? position, long since = -1, bool isGiven = false) =>
        position is null ? UserStep.Nothing
        // It has none, or no more of a set than that it begins.
        : position.Version <= UserPage.NoticeVersion ? UserStep.WholeSet
        : position.Store != Store ? IsConfirmed && position.Version <= ConfirmedThrough ? UserStep.WholeSet : UserStep.Waits
        : position.Version > Version || (!isGiven && IsInGap(position.Version)) ? UserStep.Waits
        : position.Version == Version ? UserStep.Nothing
        : position.Version >= Floor || since == Floor ? UserStep.Changes
        : Users > 0 || IsConfirmed ? UserStep.WholeSet
        : UserStep.Waits;

    private bool IsInGap(long version) => Gaps.Any(gap => gap.After < version && version < gap.Before);

    /// <summary>The latest version that a node which is believed has of whichever store; 0 for none.</summary>
    public static long LatestOf(IEnumerable<NodeInfo> nodes) =>
        nodes.Where(static node => node.Quarantine is null).Select(static node => node.Users?.Version ?? 0).DefaultIfEmpty().Max();

    /// <summary>Whether a node that is believed has a later state of this very store, which was lost.</summary>
    public bool HasLost(IEnumerable<NodeInfo> nodes) =>
        nodes.Any(node => node.Quarantine is null && node.Users?.Store == Store && Next(node.Users) == UserStep.Waits);
}

/// <summary>Versions that a store never gave; where gaps are taken together, with those that it gave between them.</summary>
/// <param name="After">The last before them.</param>
/// <param name="Before">The first after them.</param>
public sealed record UserGap(long After, long Before);
