using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// Grants the blocks of one pool: pending → held → releasing → quarantined → free. A block is one process's of one
/// node, until that process says that it has stopped to use it or the lease has run out on the grantor's clock. The
/// holder is told a time that ends <see cref="FleetTimings.HolderMargin"/> before that, counted from when it began to
/// send its report: so no two hold a block at once. A grantor lets go only of what it has itself seen unrenewed for the
/// whole lease time; a time that another wrote down may be of a clock that was wrong.
/// </summary>
/// <remarks>
/// Whoever hosts it stores <see cref="ToState"/> before it gives an answer out whenever <see cref="Revision"/> has
/// risen, by compare-and-set, and drops the object when that fails. A lease is put off only when a sixth of its time
/// has gone, so most renewals have nothing to store; the first one of each lease by a new grantor always has.
/// </remarks>
public sealed partial class PrefixAllocator
{
    private readonly FleetTimings _timings;
    private DateTimeOffset? _recoveringUntil;
    private long _firstEpoch;
    private long _unknownFrom;
    private long _unknownTo;
    private DateTimeOffset _keptUntil = DateTimeOffset.MinValue;
    private BlockTable _blocks;
    private IReadOnlyList<Prefix> _excluded = [];
    // Leases as another grantor wrote them last.
    private readonly HashSet<Prefix> _inherited = [];
    private long _nextEpoch;
    private long _nextBlock;
    private long _renewals;
    private DateTimeOffset _nextExpiry = DateTimeOffset.MinValue;

    /// <summary>Goes on from a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="timings">The fleet's times.</param>
    /// <param name="restoredAt">
    /// The grantor's clock if others may have written the state, by theirs; null where it is the grantor's own.
    /// </param>
    public PrefixAllocator(PrefixPoolState state, FleetTimings timings, DateTimeOffset? restoredAt = null)
    {
        _timings = timings;
        _conflicts = new LeaseConflicts(state.Pool.Name, timings.LeaseTime);
        Pool = state.Pool;
        (_recoveringUntil, _unknownFrom, _unknownTo) = (state.RecoveringUntil, state.UnknownFrom, state.UnknownTo);
        _firstEpoch = state.FirstEpoch;
        _nextEpoch = state.NextEpoch;
        _nextBlock = state.NextBlock;
        _blocks = new BlockTable(state.Pool);
        foreach (var lease in state.Leases.Where(lease => _blocks.Has(lease.Prefix)))
            _blocks.Put(lease);
        foreach (var start in state.Recoveries)
            _recoveries[start.Node] = start.At;
        if (restoredAt is { } now)
            BeginAt(now);
    }

    /// <summary>The state of a pool that has granted nothing.</summary>
    /// <param name="pool">The definition.</param>
    /// <param name="random">Where its search for blocks begins.</param>
    /// <param name="now">The grantor's clock; epochs begin there, so that they rise over a loss of all state.</param>
    /// <param name="recoveringUntil">After a loss of state: when every lease of before has run out.</param>
    /// <param name="found">The blocks that nodes hold of it already; all of them must be blocks of the definition.</param>
    public static PrefixPoolState Create(
        PrefixPool pool, Random random, DateTimeOffset now, DateTimeOffset? recoveringUntil = null,
        IReadOnlyCollection<PrefixLease>? found = null)
    {
        var epoch = Math.Max(
            now.ToUnixTimeMilliseconds(), (found ?? []).Select(static lease => lease.Epoch + 1).DefaultIfEmpty().Max());
        return new PrefixPoolState
        {
            Pool = pool,
            NextEpoch = epoch,
            FirstEpoch = epoch,
            NextBlock = random.NextInt64(new BlockTable(pool).Count),
            RecoveringUntil = recoveringUntil,
            Leases = WithinShares(pool, found ?? []),
        };
    }

    /// <summary>The state of a pool that goes on here from what another grantor wrote down, and may be out of date.</summary>
    /// <param name="from">What it wrote, with the definition that the pool has here.</param>
    /// <param name="now">The grantor's clock.</param>
    /// <param name="leaseTime">For so long it renews what is claimed and grants nothing.</param>
    /// <param name="found">The blocks that nodes hold of it; all of them must be blocks of the definition.</param>
    public static PrefixPoolState Import(
        PrefixPoolState from, DateTimeOffset now, TimeSpan leaseTime, IReadOnlyCollection<PrefixLease> found)
    {
        var held = found.Select(static lease => lease.Prefix).ToHashSet();
        var leases = WithinShares(from.Pool, [.. found, .. from.Leases.Where(lease => !held.Contains(lease.Prefix))]);
        var epoch = found.Select(static lease => lease.Epoch + 1)
            .Aggregate(Math.Max(from.NextEpoch, now.ToUnixTimeMilliseconds()), Math.Max);
        return new PrefixPoolState
        {
            Pool = from.Pool,
            NextEpoch = epoch,
            FirstEpoch = epoch,
            NextBlock = from.NextBlock,
            RecoveringUntil = now + leaseTime,
            Leases = leases,
        };
    }

    /// <summary>Says who has a block of a pool that is said to be new, or had it; null where nobody.</summary>
    public static string? HolderOf(string pool, IEnumerable<PrefixLease> leases) => leases.FirstOrDefault() is { } known
        ? $"pool {pool} is not new: {known.Node} {(known.IsLive ? "has" : "had")} {known.Prefix}" : null;

    /// <summary>Says which block that a node holds a definition does not have; null where it has all of them.</summary>
    public static string? MisfitOf(PrefixPool pool, IEnumerable<PrefixLease> leases) =>
        MisfitOf(pool, leases.Where(static lease => lease.IsLive).Select(lease => lease.ToInfo(pool.Name)));

    /// <summary>The same of leases as operators see them.</summary>
    public static string? MisfitOf(PrefixPool pool, IEnumerable<LeaseInfo> live)
    {
        var table = new BlockTable(pool);
        return live.FirstOrDefault(lease => !table.Has(lease.Prefix)) is { } misfit
            ? $"{misfit.Node} holds {misfit.Prefix} of pool {pool.Name}, which this definition does not have"
            : null;
    }

    /// <summary>
    /// How many blocks the runs of one node's process may keep from others, quarantined ones included: so a crash loop
    /// does not use a pool up.
    /// </summary>
    public long MaxBlocksPerNode => MostOfOne(_blocks.Count);

    /// <summary>How many blocks of a pool one node, or who names many, may keep from others.</summary>
    /// <param name="blocks">How many the pool has.</param>
    internal static long MostOfOne(long blocks) => Math.Max(8, blocks / 16);

    /// <summary>The definition.</summary>
    public PrefixPool Pool { get; private set; }

    /// <summary>Rises with every change of what <see cref="ToState"/> gives.</summary>
    public long Revision { get; private set; }

    /// <summary>
    /// As <see cref="Revision"/>, but for renewals: who is alone with its storage, and counts each lease a whole time from
    /// when it was read, need not store those.
    /// </summary>
    public long DecisionRevision => Revision - _renewals;

    /// <summary>What has to be stored.</summary>
    public PrefixPoolState ToState() => new()
    {
        Pool = Pool,
        NextEpoch = _nextEpoch,
        NextBlock = _nextBlock,
        RecoveringUntil = _recoveringUntil,
        FirstEpoch = _firstEpoch,
        UnknownFrom = _unknownFrom,
        UnknownTo = _unknownTo,
        Recoveries = [.. _recoveries.Select(static start => new RecoveryStart(start.Key, start.Value))],
        Leases = [.. _blocks.Leases],
    };

    /// <summary>
    /// Says what is never granted: the nodes' static prefixes, blocks of removed pools in quarantine. What is leased
    /// already is not taken back.
    /// </summary>
    public void Exclude(IReadOnlyList<Prefix> prefixes)
    {
        if (prefixes.SequenceEqual(_excluded))
            return;
        _excluded = prefixes;
        _blocks.Exclude(prefixes);
    }

    /// <summary>
    /// Answers what a report asks: frees what was released, renews what is used, adopts what is claimed while it
    /// recovers, and grants a block when one is wanted and there is none. The same request again gives the same blocks.
    /// </summary>
    public LeaseAnswer Answer(LeaseRequest request, DateTimeOffset now)
    {
        var expired = Expire(now);
        var changed = new List<PrefixLease>();
        Examine(request, now);
        foreach (var claim in request.Released)
            AddChange(changed, Release(request, claim, now));
        foreach (var claim in request.Claims)
            AddChange(changed, Confirm(request, claim) ?? Adopt(request, claim, now));
        var (refused, conflicts) = Refuse(request, now);
        string? fault = null;
        // What is known may be older than what happened: while that can be, nobody gets what it does not say it uses.
        var isGranting = request.IsWanted && !IsRecovering(now);
        if (request.IsWanted && !Own(request).Any(lease =>
            lease.State != LeaseState.Releasing && (isGranting || IsClaimed(request, lease))))
        {
            foreach (var old in _blocks.Of(request.Node).Where(lease => lease.Incarnation != request.Incarnation))
                AddChange(changed, GiveUp(old));
            var (granted, why) = Acquire(request, now);
            AddChange(changed, granted);
            fault = why;
        }
        var grants = Own(request)
            .Where(lease => isGranting || IsClaimed(request, lease))
            .Select(lease => Renew(request, lease, now));
        return new LeaseAnswer([.. grants, .. refused], fault, changed, expired) { Conflicts = conflicts };
    }

    /// <summary>
    /// Renews what a node holds by a grant that is known, and changes nothing that has to be stored: for as long as nothing
    /// can be.
    /// </summary>
    /// <param name="request">
    /// What its report asks. What it does not say it uses is not offered again: whether it is still the node's may be what
    /// storage took, though it did not say so.
    /// </param>
    /// <param name="why">Why it gets no block that it wants and has not, one sentence.</param>
    /// <param name="now">The grantor's clock.</param>
    public LeaseAnswer Keep(LeaseRequest request, string why, DateTimeOffset now)
    {
        List<LeaseGrant> grants = [.. Own(request).Where(lease => IsClaimed(request, lease)).Select(lease => Renew(request, lease, now))];
        return new LeaseAnswer(
            grants, request.IsWanted && grants.TrueForAll(static grant => grant.IsReleasing) ? why : null, [], LeaseExpiry.None);
    }

    /// <summary>
    /// Takes a block back; its node is told with its next report, and until it obeys or the lease runs out nothing
    /// else happens.
    /// </summary>
    /// <returns>The lease as it is now; null when the block is nobody's.</returns>
    public PrefixLease? Revoke(Prefix prefix)
    {
        if (_blocks.Find(prefix) is not { } lease)
            return null;
        return GiveUp(lease) ?? lease;
    }

    /// <summary>Quarantines what has run out, frees what was quarantined long enough.</summary>
    public LeaseExpiry Expire(DateTimeOffset now)
    {
        EndDoubt(now);
        _conflicts.Expire(now);
        ExpireShareFaults(now);
        if (now < _nextExpiry)
            return LeaseExpiry.None;
        List<PrefixLease> quarantined = [], freed = [];
        _nextExpiry = DateTimeOffset.MaxValue;
        foreach (var lease in _blocks.Leases.ToArray())
        {
            var current = lease;
            // From when it is seen: the time that is written down may be far behind a clock that was set.
            if (current.IsLive && KeptUntil(current) <= now)
                quarantined.Add(current = Quarantine(current, now));
            if (!current.IsLive && KeptUntil(current) <= now)
            {
                freed.Add(current);
                _blocks.Remove(current.Prefix);
                _inherited.Remove(current.Prefix);
                Revision++;
            }
            else if (KeptUntil(current) is var until && until < _nextExpiry)
            {
                _nextExpiry = until;
            }
        }
        return new LeaseExpiry(quarantined, freed);
    }

    /// <summary>Changes the definition, if every live lease is a block of the new one.</summary>
    /// <returns>
    /// Done, with the quarantined blocks that the new one does not have (see <see cref="CatalogDecider.Retire(IEnumerable{PrefixLease})"/>); or a
    /// conflict.
    /// </returns>
    public FleetResult<IReadOnlyList<PrefixLease>> Redefine(PrefixPool pool, DateTimeOffset now)
    {
        Expire(now);
        var table = new BlockTable(pool);
        var misfits = _blocks.Leases.Where(lease => !table.Has(lease.Prefix)).ToArray();
        if (Array.Find(misfits, lease => lease.IsLive) is { } live)
            return FleetResult.Conflict<IReadOnlyList<PrefixLease>>(
                $"{live.Node} has {live.Prefix} of pool {Pool.Name}, which the new definition does not have");
        foreach (var lease in _blocks.Leases.Except(misfits))
            table.Put(lease);
        table.Exclude(_excluded);
        _blocks = table;
        Pool = pool;
        Revision++;
        return FleetResult.Ok<IReadOnlyList<PrefixLease>>(misfits);
    }
}
