using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// A pool that is defined nowhere, and whose blocks nodes hold all the same: what defined it was lost. It renews what
/// they say they hold and grants nothing. What it knows, the nodes tell again; who grants from other pools before they
/// have, needs to have it stored.
/// </summary>
/// <param name="name">The pool's name.</param>
/// <param name="timings">The fleet's times.</param>
public sealed class FoundPool(string name, FleetTimings timings)
{
    /// <summary>How many blocks the runs of one node's process may claim.</summary>
    public const int MaxBlocksPerNode = 8;

    /// <summary>
    /// How many blocks the names may claim that a token of many nodes has at one source: one for each name that it may have there.
    /// </summary>
    public const int MaxBlocksOfSender = 256;

    private readonly SortedDictionary<Prefix, PrefixLease> _leases = [];
    private readonly LeaseConflicts _conflicts = new(name, timings.LeaseTime);

    /// <summary>Goes on from a state: each lease lasts a whole time from now, whatever clock wrote it.</summary>
    /// <param name="state">The state.</param>
    /// <param name="timings">The fleet's times.</param>
    /// <param name="now">The grantor's clock.</param>
    public FoundPool(FoundPoolState state, FleetTimings timings, DateTimeOffset now)
        : this(state.Name, timings)
    {
        foreach (var lease in state.Leases)
            _leases[lease.Prefix] = lease.IsLive
                ? lease with { ExpiresAt = now + timings.LeaseTime } : Quarantined(lease, now);
    }

    /// <summary>Rises with every change of what <see cref="ToState"/> gives, but for renewals.</summary>
    public long Revision { get; private set; }

    /// <summary>What has to be stored.</summary>
    public FoundPoolState ToState() => new() { Name = name, Leases = [.. _leases.Values] };

    /// <summary>The blocks that nodes hold, and those whose quarantine is not over.</summary>
    public IReadOnlyCollection<PrefixLease> Leases => _leases.Values;

    /// <summary>
    /// Renews what is claimed. Of two who claim one block the later grant keeps it, and the other is to release it. Who
    /// claims what overlaps another's block otherwise, as no pool's blocks do, takes nothing from the other.
    /// </summary>
    public LeaseAnswer Answer(LeaseRequest request, DateTimeOffset now)
    {
        Expire(now);
        List<string> conflicts = [];
        foreach (var claim in request.Released)
        {
            if (Find(request, claim) is { IsLive: true } lease)
                Put(Quarantined(lease, now));
        }
        var grants = new List<LeaseGrant>();
        var changed = new List<PrefixLease>();
        foreach (var claim in request.Claims)
        {
            var known = Find(request, claim);
            if (known is null && !MayTake(request, claim, now))
            {
                if (_leases.GetValueOrDefault(claim.Prefix) is { IsLive: true } other && other.Epoch >= claim.Epoch)
                {
                    grants.Add(new LeaseGrant(name, claim.Prefix, claim.Epoch, 0, IsReleasing: true));
                    if (_conflicts.Add(request.Node, other, now) is { } text)
                        conflicts.Add(text);
                }
                continue;
            }
            var lease = known is { State: LeaseState.Releasing } ? known : new PrefixLease(
                claim.Prefix, request.Node, request.Incarnation, claim.Epoch, LeaseState.Held, now + timings.LeaseTime)
            {
                GrantedAt = known is null ? now : known.GrantedAt,
                Sender = request.Sender,
            };
            if (known?.State == lease.State)
                _leases[claim.Prefix] = lease;
            else
                Put(lease);
            if (known is null)
                changed.Add(lease);
            grants.Add(GrantOf(lease));
        }
        var fault = request.IsWanted && grants.TrueForAll(static grant => grant.IsReleasing) ? $"there is no pool {name}" : null;
        return new LeaseAnswer(grants, fault, changed, LeaseExpiry.None) { Conflicts = conflicts };
    }

    /// <summary>Renews what it knows to be held, and changes nothing that has to be stored: for as long as nothing can be.</summary>
    public LeaseAnswer Keep(LeaseRequest request, string why, DateTimeOffset now)
    {
        var grants = new List<LeaseGrant>();
        foreach (var claim in request.Claims)
        {
            if (Find(request, claim) is not { IsLive: true } lease)
                continue;
            if (lease.State != LeaseState.Releasing)
                lease = _leases[claim.Prefix] = lease with { ExpiresAt = now + timings.LeaseTime };
            grants.Add(GrantOf(lease));
        }
        var fault = request.IsWanted && grants.TrueForAll(static grant => grant.IsReleasing) ? why : null;
        return new LeaseAnswer(grants, fault, [], LeaseExpiry.None);
    }

    /// <summary>Takes a block back, as far as its node obeys.</summary>
    /// <returns>The lease as it is now; null when nobody holds the block.</returns>
    public PrefixLease? Revoke(Prefix prefix) =>
        _leases.TryGetValue(prefix, out var lease) && lease.IsLive
            ? lease.State == LeaseState.Releasing ? lease : Put(lease with { State = LeaseState.Releasing })
            : null;

    /// <summary>Lets go of what nobody has claimed for a lease time.</summary>
    public void Expire(DateTimeOffset now)
    {
        _conflicts.Expire(now);
        foreach (var lease in _leases.Values.Where(lease => lease.ExpiresAt <= now).ToArray())
        {
            if (lease.IsLive)
            {
                Put(Quarantined(lease, now));
            }
            else
            {
                _leases.Remove(lease.Prefix);
                Revision++;
            }
        }
    }

    /// <summary>The clock was set, by so much: what it wrote down moves with it.</summary>
    public void OnClockStep(TimeSpan by)
    {
        foreach (var lease in _leases.Values.ToArray())
            _leases[lease.Prefix] = lease with { ExpiresAt = lease.ExpiresAt + by };
    }

    /// <summary>The block that has an address; null where nobody holds it.</summary>
    public LeaseInfo? Find(AddressBits address) =>
        _leases.Values.FirstOrDefault(lease => lease.Prefix.Contains(address))?.ToInfo(name);

    /// <summary>The pool is defined: others account for what is held.</summary>
    public void Clear()
    {
        _leases.Clear();
        Revision++;
    }

    /// <summary>The blocks, in order of address.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">From <see cref="Page{T}.Next"/>; null, or a text that is none, for the first.</param>
    public Page<LeaseInfo> List(int limit, string? cursor) => PrefixLease.List(_leases.Values, name, limit, cursor);

    /// <summary>The live leases of a node.</summary>
    public IReadOnlyList<LeaseInfo> Of(string node) =>
        [.. _leases.Values.Where(lease => lease.Node == node && lease.IsLive).Select(lease => lease.ToInfo(name))];

    /// <summary>
    /// The pool as it seems to be: the shortest prefix that has all that is held, in blocks of the longest; null where
    /// nothing is. Of two families the one that more is held of.
    /// </summary>
    public PrefixPoolInfo? ToInfo()
    {
        PrefixLease[] live = [.. _leases.Values.Where(static lease => lease.IsLive)];
        if (live.Length == 0)
            return null;
        PrefixLease[] like = [.. live.GroupBy(static lease => lease.Prefix.IsIPv4).MaxBy(static family => family.Count())!];
        var (cover, length) = (like[0].Prefix, like.Max(static lease => lease.Prefix.Length));
        foreach (var lease in like)
        {
            while (!cover.Contains(lease.Prefix))
                cover = Prefix.Of(cover.Network, cover.Length - 1);
        }
        return new PrefixPoolInfo
        {
            Pool = new PrefixPool { Name = name, Prefix = cover, BlockLength = length },
            IsFound = true,
            Blocks = _leases.Count,
            Held = live.Length,
            Quarantined = _leases.Count - live.Length,
            Conflicts = _conflicts.Texts,
        };
    }

    // Also one that had run out: its node may not have known.
    private PrefixLease? Find(LeaseRequest request, LeaseClaim claim) =>
        _leases.TryGetValue(claim.Prefix, out var lease) && lease.Node == request.Node
            && lease.Incarnation == request.Incarnation && lease.Epoch == claim.Epoch
            ? lease
            : null;

    private bool MayTake(LeaseRequest request, LeaseClaim claim, DateTimeOffset now) =>
        ReportValidator.IsSmallEnough(claim.Prefix)
        && claim.Epoch <= now.ToUnixTimeMilliseconds() + PrefixAllocator.MaxEpochLead
        && _leases.Values.Count(lease => lease.Node == request.Node) < MaxBlocksPerNode
        && (request.Sender is null || _leases.Values.Count(lease => lease.Sender == request.Sender) < MaxBlocksOfSender)
        && (_leases.GetValueOrDefault(claim.Prefix) is not { } other || other.Epoch < claim.Epoch);

    private LeaseGrant GrantOf(PrefixLease lease) => lease.State == LeaseState.Releasing
        ? new LeaseGrant(name, lease.Prefix, lease.Epoch, 0, IsReleasing: true)
        : new LeaseGrant(
            name, lease.Prefix, lease.Epoch, (long)(timings.LeaseTime - timings.HolderMargin).TotalMilliseconds);

    private PrefixLease Put(PrefixLease lease)
    {
        Revision++;
        return _leases[lease.Prefix] = lease;
    }

    private PrefixLease Quarantined(PrefixLease lease, DateTimeOffset now) => lease with
    {
        State = LeaseState.Quarantined,
        ExpiresAt = now + timings.Quarantine + timings.MaxClockSkew,
    };
}

/// <summary>What nodes hold of a pool that is not defined: everything that has to outlive a <see cref="FoundPool"/>.</summary>
public sealed record FoundPoolState
{
    /// <summary>The pool's name.</summary>
    public required string Name { get; init; }

    /// <summary>The blocks that nodes hold, and those whose quarantine is not over.</summary>
    public IReadOnlyList<PrefixLease> Leases { get; init; } = [];
}
