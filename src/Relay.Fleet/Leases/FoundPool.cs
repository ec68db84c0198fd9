using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <summary>
/// A pool that is defined nowhere, and whose blocks nodes hold all the same: what defined it was lost. It renews what
/// they say they hold and grants nothing. It is held in memory alone: what it knows, the nodes tell again.
/// </summary>
/// <param name="name">The pool's name.</param>
/// <param name="timings">The fleet's times.</param>
public sealed class FoundPool(string name, FleetTimings timings)
{
    /// <summary>How many blocks the runs of one node's process may claim.</summary>
    public const int MaxBlocksPerNode = 8;

    private readonly SortedDictionary<Prefix, PrefixLease> _leases = [];

    /// <summary>The blocks that nodes hold, and those whose quarantine is not over.</summary>
    public IReadOnlyCollection<PrefixLease> Leases => _leases.Values;

    /// <summary>
    /// Renews what is claimed. Of two who claim one block the higher epoch keeps it, and the other is to release it.
    /// </summary>
    public LeaseAnswer Answer(LeaseRequest request, DateTimeOffset now)
    {
        Expire(now);
        foreach (var claim in request.Released)
        {
            if (Find(request, claim) is { } lease)
                _leases[claim.Prefix] = Quarantined(lease, now);
        }
        var grants = new List<LeaseGrant>();
        var changed = new List<PrefixLease>();
        foreach (var claim in request.Claims)
        {
            var known = Find(request, claim);
            if (known is null && !MayTake(request, claim))
            {
                grants.Add(new LeaseGrant(name, claim.Prefix, claim.Epoch, 0, IsReleasing: true));
                continue;
            }
            var lease = (known ?? new PrefixLease(
                claim.Prefix, request.Node, request.Incarnation, claim.Epoch, LeaseState.Held, now)) with
            {
                ExpiresAt = now + timings.LeaseTime,
            };
            _leases[claim.Prefix] = lease;
            if (known is null)
                changed.Add(lease);
            grants.Add(new LeaseGrant(
                name, claim.Prefix, claim.Epoch, (long)(timings.LeaseTime - timings.HolderMargin).TotalMilliseconds,
                lease.State == LeaseState.Releasing));
        }
        var fault = request.IsWanted && grants.TrueForAll(static grant => grant.IsReleasing) ? $"there is no pool {name}" : null;
        return new LeaseAnswer(grants, fault, changed, LeaseExpiry.None);
    }

    /// <summary>Takes a block back, as far as its node obeys.</summary>
    /// <returns>The lease as it is now; null when nobody holds the block.</returns>
    public PrefixLease? Revoke(Prefix prefix) =>
        _leases.TryGetValue(prefix, out var lease) && lease.IsLive
            ? _leases[prefix] = lease with { State = LeaseState.Releasing }
            : null;

    /// <summary>Lets go of what nobody has claimed for a lease time.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var lease in _leases.Values.Where(lease => lease.ExpiresAt <= now).ToArray())
        {
            if (lease.IsLive)
                _leases[lease.Prefix] = Quarantined(lease, now);
            else
                _leases.Remove(lease.Prefix);
        }
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
    /// nothing is.
    /// </summary>
    public PrefixPoolInfo? ToInfo()
    {
        PrefixLease[] live = [.. _leases.Values.Where(static lease => lease.IsLive)];
        if (live.Length == 0)
            return null;
        var (cover, length) = (live[0].Prefix, live.Max(static lease => lease.Prefix.Length));
        foreach (var lease in live)
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
        };
    }

    private PrefixLease? Find(LeaseRequest request, LeaseClaim claim) =>
        _leases.TryGetValue(claim.Prefix, out var lease) && lease.IsLive && lease.Node == request.Node
            && lease.Incarnation == request.Incarnation && lease.Epoch == claim.Epoch
            ? lease
            : null;

    private bool MayTake(LeaseRequest request, LeaseClaim claim)
    {
        if (claim.Prefix.Length == 0 || _leases.Values.Any(lease => lease.Prefix.IsIPv4 != claim.Prefix.IsIPv4)
            || _leases.Values.Count(lease => lease.Node == request.Node) >= MaxBlocksPerNode)
            return false;
        PrefixLease[] others = [.. _leases.Values.Where(lease => lease.Prefix.Overlaps(claim.Prefix))];
        if (Array.Exists(others, other => other.Epoch >= claim.Epoch))
            return false;
        foreach (var other in others)
            _leases.Remove(other.Prefix);
        return true;
    }

    private PrefixLease Quarantined(PrefixLease lease, DateTimeOffset now) => lease with
    {
        State = LeaseState.Quarantined,
        ExpiresAt = now + timings.Quarantine + timings.MaxClockSkew,
    };
}
