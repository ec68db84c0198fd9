namespace Relay.Fleet.Contract;

/// <summary>
/// How far a node has the fleet's users, as its report says. A node that refuses what another store gives it goes on saying what
/// it has.
/// </summary>
/// <param name="Store">
/// The generation of the fleet's store of users that it has them of (<see cref="UserPage.Store"/>); empty where it has none.
/// </param>
/// <param name="Version">The version of what it has (<see cref="UserPage.Version"/>), from 1; 0 where it has none.</param>
public sealed record UserPosition(Guid Store, long Version)
{
    /// <summary>That of a node that has no users yet.</summary>
    public static UserPosition Nothing { get; } = new(Guid.Empty, 0);
}

/// <summary>
/// Users whose last change a node has not: those with a version above <see cref="From"/>, in order of version. One page is in an
/// answer; the next follows once a report has the version of this one.
/// </summary>
public sealed record UserPage
{
    /// <summary>The most that a page is as JSON, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>
    /// The version of a page that begins a whole set and has nothing of it: it tells a node that waits for a confirmation that there
    /// is another store, and one that has nothing after all that it may go on.
    /// </summary>
    public const long NoticeVersion = 1;

    /// <summary>
    /// The generation of the fleet's store of users: another one after the store was lost or restored, so that no version of it
    /// is taken for the same version of another.
    /// </summary>
    public required Guid Store { get; init; }

    /// <summary>
    /// The version that it continues: that of the position in the report. 0 where a whole set begins, which the node gathers aside
    /// and takes in place of what it has once a page <see cref="IsLast"/>; while it gathers, its position is that of what it has
    /// gathered.
    /// </summary>
    public required long From { get; init; }

    /// <summary>What the node has once it took the page, above <see cref="From"/>; a store without users has a version as well.</summary>
    public required long Version { get; init; }

    /// <summary>Nothing more follows at the moment.</summary>
    public bool IsLast { get; init; }

    /// <summary>An operator has said that this store replaces what nodes have of another, though it be empty.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>The users, each once. Where a whole set begins, none is removed.</summary>
    public IReadOnlyList<UserEntry> Entries { get; init; } = [];
}

/// <summary>A user as nodes know it: whole, as of its last change.</summary>
public sealed record UserEntry
{
    /// <summary>Its name, see <see cref="Names.IsUser"/>; what its sessions are of is <c>user:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>It is a user no more; the rest is empty.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>It is refused until it is enabled again.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>From when on it is refused, by the node's clock; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it may show to be let in, one for each of its devices; at most <see cref="User.MaxDevices"/>.</summary>
    public IReadOnlyList<CredentialEntry> Credentials { get; init; } = [];
}

/// <summary>What a user's device shows to be let in, without the secret itself.</summary>
/// <param name="Id">Names it among all of the fleet, see <see cref="Names.IsOperation"/>.</param>
/// <param name="Sha256">
/// The SHA-256 of the secret's characters, in base64. The secret is random and of at least 128 bits, so that no guess at it is worth
/// slowing down (RFC 6819 §5.1.4.2.2).
/// </param>
/// <param name="ExpiresAt">From when on it is refused, by the node's clock; null for never.</param>
public sealed record CredentialEntry(string Id, string Sha256, DateTimeOffset? ExpiresAt = null);
