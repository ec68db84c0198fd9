using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <content>The steps of a lease's life.</content>
public sealed partial class PrefixAllocator
{
    // Quarantine is measured by whoever frees the block, whose clock may be ahead of the one that began it.
    private TimeSpan QuarantineTime => _timings.Quarantine + _timings.MaxClockSkew;

    // How much of a lease's time may go before it is put off, and stored, again.
    private TimeSpan RenewAfter => _timings.LeaseTime / 6;

    private IEnumerable<PrefixLease> Own(LeaseRequest request) =>
        _blocks.Of(request.Node).Where(lease => lease.IsLive && lease.Incarnation == request.Incarnation);

    private static bool IsClaimed(LeaseRequest request, PrefixLease lease) =>
        request.Claims.Any(claim => claim.Prefix == lease.Prefix && claim.Epoch == lease.Epoch);

    private (PrefixLease? Lease, string? Fault) Acquire(LeaseRequest request, DateTimeOffset now)
    {
        var node = request.Node;
        if (_recoveringUntil is { } until && now < until)
            return (null,
                $"pool {Pool.Name} grants nothing for {Seconds(until - now)} more seconds: its coordinator has " +
                "begun anew, or has lost what it knew, and does not know yet which blocks are in use");
        if (_blocks.Of(node).Length >= MaxBlocksPerNode)
            return (null, $"{node}'s last runs keep {_blocks.Of(node).Length} blocks of pool {Pool.Name}, as many as a node may: " +
                "the next can be granted when one of them has run out");
        if (_blocks.FindFree(_nextBlock) is not { } block)
            return (null, $"pool {Pool.Name} is exhausted: none of its {_blocks.Count} blocks is free");
        if (!LeavesEnough(request))
            return (null, RefuseShare(request.Sender!, now));
        var lease = new PrefixLease(
            Pool.Prefix.Block((UInt128)block, Pool.BlockLength), node, request.Incarnation, _nextEpoch++, LeaseState.Pending,
            now + _timings.LeaseTime)
        {
            GrantedAt = now,
            Sender = request.Sender,
        };
        _nextBlock = (block + 1) % _blocks.Count;
        return (Put(lease), null);
    }

    // The node says that it uses the block: pending → held.
    private PrefixLease? Confirm(LeaseRequest request, LeaseClaim claim) =>
        Find(request, claim) is { State: LeaseState.Pending } lease
            ? Put(lease with { State = LeaseState.Held })
            : null;

    // Nobody here knows of the grant, since what was known is lost: the node's word is all there is. What this run has
    // granted is known, and so cannot be claimed by an epoch of before.
    private PrefixLease? Adopt(LeaseRequest request, LeaseClaim claim, DateTimeOffset now)
    {
        if (!MayAdopt(request, claim, now))
            return null;
        _adopted.Add(claim.Prefix);
        return Put(new PrefixLease(
            claim.Prefix, request.Node, request.Incarnation, claim.Epoch, LeaseState.Held, now + _timings.LeaseTime)
        {
            GrantedAt = now,
            Sender = request.Sender,
        });
    }

    private PrefixLease? Release(LeaseRequest request, LeaseClaim claim, DateTimeOffset now)
    {
        if (Find(request, claim) is { IsLive: true } lease)
            return Quarantine(lease, now);
        // What another has by now is not given back by whoever had it before.
        return MayAdopt(request, claim, now) && _blocks.Find(claim.Prefix) is null
            ? Quarantine(
                new PrefixLease(claim.Prefix, request.Node, request.Incarnation, claim.Epoch, LeaseState.Releasing, now)
                {
                    GrantedAt = now,
                    Sender = request.Sender,
                },
                now)
            : null;
    }

    private bool MayAdopt(LeaseRequest request, LeaseClaim claim, DateTimeOffset now) =>
        IsRecovering(now) && claim.Epoch < _firstEpoch && _blocks.Has(claim.Prefix)
            && (_blocks.Find(claim.Prefix) is not { } other || (other.Epoch < claim.Epoch && IsHearsay(other)))
        && _blocks.Of(request.Node).Length < MaxBlocksPerNode && MayHaveHad(request);

    // Whether all that says so is what was stored before this grantor, or a claim: what it has renewed itself, no claim takes.
    private bool IsHearsay(PrefixLease lease) =>
        !lease.IsLive || _inherited.Contains(lease.Prefix) || _adopted.Contains(lease.Prefix);

    private LeaseGrant Renew(LeaseRequest request, PrefixLease lease, DateTimeOffset now)
    {
        var isReleasing = lease.State == LeaseState.Releasing;
        // A time that another grantor wrote says nothing by this one's clock; and to write it anew is how one that is out
        // of date finds out, before it has promised anything.
        if (!isReleasing && (lease.ExpiresAt < now + _timings.LeaseTime - RenewAfter || _inherited.Contains(lease.Prefix)))
        {
            lease = Put(lease with { ExpiresAt = now + _timings.LeaseTime, Sender = request.Sender });
            _renewals++;
        }
        // The report was sent before now: counted from its sending, this ends the margin before the lease does, or
        // sooner. A clock that was put back by less than what counts as a step gives no more than a whole time.
        var most = _timings.LeaseTime - _timings.HolderMargin;
        var left = lease.ExpiresAt - now - _timings.HolderMargin;
        var duration = left < TimeSpan.Zero ? TimeSpan.Zero : left > most ? most : left;
        return new LeaseGrant(Pool.Name, lease.Prefix, lease.Epoch, (long)duration.TotalMilliseconds, isReleasing);
    }

    private PrefixLease? GiveUp(PrefixLease lease) =>
        lease.State is LeaseState.Pending or LeaseState.Held ? Put(lease with { State = LeaseState.Releasing }) : null;

    // Not before the lease would have run out: a grantor that is out of date, as when two are active for a moment, may
    // promise it up to then without having anything to store, and so without finding out.
    private PrefixLease Quarantine(PrefixLease lease, DateTimeOffset from)
    {
        var until = from + QuarantineTime;
        return Put(lease with
        {
            State = LeaseState.Quarantined,
            ExpiresAt = until > lease.ExpiresAt ? until : lease.ExpiresAt,
        });
    }

    private PrefixLease? Find(LeaseRequest request, LeaseClaim claim) =>
        _blocks.Find(claim.Prefix) is { } lease && lease.Node == request.Node && lease.Incarnation == request.Incarnation
            && lease.Epoch == claim.Epoch
            ? lease
            : null;

    private PrefixLease Put(PrefixLease lease)
    {
        _blocks.Put(lease);
        _inherited.Remove(lease.Prefix);
        Revision++;
        if (lease.ExpiresAt < _nextExpiry)
            _nextExpiry = lease.ExpiresAt;
        return lease;
    }

    private static void AddChange(List<PrefixLease> changed, PrefixLease? lease)
    {
        if (lease is not null)
            changed.Add(lease);
    }

    private static string Seconds(TimeSpan time) =>
        Math.Ceiling(time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
