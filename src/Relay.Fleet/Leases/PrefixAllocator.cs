namespace Relay.Fleet;

/// <summary>
/// Grants the blocks of one pool: pending → held → releasing → quarantined → free. A block is one process's of one node,
/// until that process says that it has stopped to use it or the lease has run out on the grantor's clock. The holder is
/// told a time that ends <see cref="FleetTimings.HolderMargin"/> before that, counted from when it began to send its
/// report: so no two hold a block at once, as long as the clocks of two grantors differ by less than the margin.
/// </summary>
/// <remarks>
/// Whoever hosts it stores <see cref="ToState"/> before it gives an answer out whenever <see cref="Revision"/> has risen,
/// by compare-and-set, and drops the object when that fails.
/// </remarks>
public sealed partial class PrefixAllocator
{
    /// <summary>How many blocks of a pool the runs of one node's process may keep from others, so that a crash loop does not use it up.</summary>
    public const int MaxBlocksPerNode = 8;

    /// <summary>Goes on from a state.</summary>
    public PrefixAllocator(PrefixPoolState state, FleetTimings timings) => throw new NotImplementedException();

    /// <summary>The state of a pool that has granted nothing.</summary>
    /// <param name="pool">The definition.</param>
    /// <param name="random">Where its search for blocks begins.</param>
    /// <param name="now">The grantor's clock; epochs begin there, so that they rise over a loss of all state.</param>
    /// <param name="recoveringUntil">After a loss of state: when every lease of before has run out.</param>
    public static PrefixPoolState Create(
        PrefixPool pool, Random random, DateTimeOffset now, DateTimeOffset? recoveringUntil = null) =>
        throw new NotImplementedException();

    /// <summary>The definition.</summary>
    public PrefixPool Pool => throw new NotImplementedException();

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>What has to be stored.</summary>
    public PrefixPoolState ToState() => throw new NotImplementedException();

    /// <summary>Says what is never granted: the nodes' static prefixes, blocks of removed pools in quarantine. Nothing is taken back.</summary>
    public void Exclude(IReadOnlyList<Prefix> prefixes) => throw new NotImplementedException();

    /// <summary>
    /// Answers what a report asks: frees what was released, renews what is used, adopts what is claimed while it recovers,
    /// and grants a block when one is wanted and there is none. The same request again gives the same blocks.
    /// </summary>
    public LeaseAnswer Answer(LeaseRequest request, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Takes a block back; its node is told with its next report. Already taken back is fine; null when it is nobody's.</summary>
    public PrefixLease? Revoke(Prefix prefix, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Quarantines what has run out, frees what was quarantined long enough.</summary>
    /// <returns>The leases concerned: quarantined as they are now, freed as they last were.</returns>
    public IReadOnlyList<PrefixLease> Expire(DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Changes the definition, if every live lease is a block of the new one.</summary>
    /// <returns>Ok with the quarantined blocks that the new one does not have (see <see cref="PoolCatalog.Retire"/>); a conflict.</returns>
    public FleetResult<IReadOnlyList<PrefixLease>> Redefine(PrefixPool pool, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>How many leases are live: a pool that has any is not removed.</summary>
    public int LiveLeases => throw new NotImplementedException();

    /// <summary>The pool and how much of it is in use.</summary>
    public PrefixPoolInfo ToInfo() => throw new NotImplementedException();

    /// <summary>The blocks that are not free, in order of address.</summary>
    public Page<LeaseInfo> List(int limit, string? cursor) => throw new NotImplementedException();

    /// <summary>The live leases of a node.</summary>
    public IReadOnlyList<LeaseInfo> Of(string node) => throw new NotImplementedException();
}
