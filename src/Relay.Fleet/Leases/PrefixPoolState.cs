using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// One pool and its blocks that are not free: everything that has to outlive a <see cref="PrefixAllocator"/>.
/// </summary>
public sealed record PrefixPoolState
{
    /// <summary>The definition.</summary>
    public required PrefixPool Pool { get; init; }

    /// <summary>The epoch of the next grant; above every one before it.</summary>
    public required long NextEpoch { get; init; }

    /// <summary>Where the search for a free block begins: after the one that was granted last.</summary>
    public long NextBlock { get; init; }

    /// <summary>
    /// After a loss of the state that there was before: until then nothing is granted, and what nodes say they hold is
    /// believed. Null where nothing was lost.
    /// </summary>
    public DateTimeOffset? RecoveringUntil { get; init; }

    /// <summary>Epochs below it are of the time before the loss; what claims another one is not adopted.</summary>
    public long FirstEpoch { get; init; }

    /// <summary>
    /// The first of the epochs that a grantor may have granted whose writes are lost, up to <see cref="UnknownTo"/>; 0
    /// where every such grant has run out.
    /// </summary>
    public long UnknownFrom { get; init; }

    /// <summary>The first epoch after them.</summary>
    public long UnknownTo { get; init; }

    /// <summary>The recoveries that claims have started within the last hour.</summary>
    public IReadOnlyList<RecoveryStart> Recoveries { get; init; } = [];

    /// <summary>The blocks that are not free.</summary>
    public IReadOnlyList<PrefixLease> Leases { get; init; } = [];
}

/// <summary>A recovery that a claim has started.</summary>
/// <param name="Node">Whose claim.</param>
/// <param name="At">When, by the grantor's clock.</param>
public sealed record RecoveryStart(string Node, DateTimeOffset At);

/// <summary>A block that is not free, to its grantor.</summary>
/// <param name="Prefix">The block.</param>
/// <param name="Node">Who has it, or had it last.</param>
/// <param name="Incarnation">Which run of that node's process: another one may not use it.</param>
/// <param name="Epoch">The grant's.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="ExpiresAt">When it, or its quarantine, runs out, by the clock of whoever wrote it.</param>
public sealed record PrefixLease(
    Prefix Prefix, string Node, Guid Incarnation, long Epoch, LeaseState State, DateTimeOffset ExpiresAt)
{
    /// <summary>Since when its node is known to have it; null where an older version wrote it.</summary>
    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>Who sent what it was granted or last renewed for, where that token is one of many nodes; null of others.</summary>
    public ReportSender? Sender { get; init; }

    /// <summary>Whether its holder may be using it.</summary>
    public bool IsLive => State != LeaseState.Quarantined;

    /// <summary>The lease as operators see it.</summary>
    public LeaseInfo ToInfo(string pool) => new()
    {
        Pool = pool,
        Prefix = Prefix,
        Node = Node,
        Epoch = Epoch,
        GrantedAt = GrantedAt,
        State = State,
        ExpiresAt = ExpiresAt,
    };

    /// <summary>A part of the leases of a pool, in order of address.</summary>
    /// <param name="leases">The leases, in order.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">From <see cref="Page{T}.Next"/>; null, or a text that is none, for the first.</param>
    public static Page<LeaseInfo> List(IEnumerable<PrefixLease> leases, string pool, int limit, string? cursor)
    {
        var hasCursor = Contract.Prefix.TryParse(cursor, out var after);
        List<LeaseInfo> items = [.. leases
            .Where(lease => !hasCursor || lease.Prefix > after).Take(limit + 1).Select(lease => lease.ToInfo(pool))];
        return items.Count <= limit
            ? new Page<LeaseInfo>(items, null)
            : new Page<LeaseInfo>(items[..limit], items[limit - 1].Prefix.ToString());
    }
}
