using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <content>
/// What is lost, and how that is found out: a claim with an epoch that nobody known has granted, storage that is older
/// than it was, a clock that was set. A node's word can only keep a block from others, never give it one.
/// </content>
public sealed partial class PrefixAllocator
{
    /// <summary>
    /// How far beyond the grantor's clock, in milliseconds, a claimed epoch is believed: a day. Epochs begin at the
    /// clock and rise by one a grant, so that none is true beyond it unless a clock was that wrong; and no claim makes
    /// them run out (2^53, as far as JSON's numbers are exact).
    /// </summary>
    public const long MaxEpochLead = 24 * 60 * 60 * 1000;

    /// <summary>How many recoveries claims may start within an hour, and each node only one of them.</summary>
    public const int MaxRecoveriesPerHour = 8;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly Dictionary<string, DateTimeOffset> _recoveries = new(StringComparer.Ordinal);
    // What is leased since it was claimed in this recovery.
    private readonly HashSet<Prefix> _adopted = [];

    private readonly LeaseConflicts _conflicts;

    /// <summary>Whether it grants nothing, and believes what nodes say that they hold.</summary>
    /// <param name="now">The grantor's clock.</param>
    public bool IsRecovering(DateTimeOffset now) => now < _recoveringUntil;

    /// <summary>
    /// What is known may not be all: for a lease time nothing is granted, and what is claimed is renewed. No block that
    /// is known is let go before.
    /// </summary>
    /// <param name="now">The grantor's clock.</param>
    public void Recover(DateTimeOffset now)
    {
        _recoveringUntil = _keptUntil = now + _timings.LeaseTime;
        RaiseEpoch(now.ToUnixTimeMilliseconds());
        _firstEpoch = _nextEpoch;
        (_unknownFrom, _unknownTo) = (0, 0);
        Revision++;
    }

    /// <summary>Nobody holds a block of it, as somebody says who knows: it grants from now on.</summary>
    public void SkipRecovery()
    {
        if (_recoveringUntil is null)
            return;
        (_recoveringUntil, _keptUntil) = (null, DateTimeOffset.MinValue);
        Revision++;
    }

    /// <summary>
    /// The grantor's clock was set: every time that it wrote down moves with it, so that each lease lasts as long as it
    /// would have. The machine may have been one that was put back to what it was before, so the pool recovers.
    /// </summary>
    /// <param name="by">By how much.</param>
    /// <param name="now">The clock as it is now.</param>
    public void OnClockStep(TimeSpan by, DateTimeOffset now)
    {
        foreach (var lease in _blocks.Leases.ToArray())
            _blocks.Put(lease with { ExpiresAt = lease.ExpiresAt + by });
        foreach (var (node, at) in _recoveries.ToArray())
            _recoveries[node] = at + by;
        _nextExpiry = DateTimeOffset.MinValue;
        Recover(now);
    }

    // Before anything of the request is decided: whether a claim shows that grants were lost.
    private void Examine(LeaseRequest request, DateTimeOffset now)
    {
        foreach (var claim in request.Released.Concat(request.Claims).Where(claim => ProvesLoss(request, claim)))
        {
            if (claim.Epoch > now.ToUnixTimeMilliseconds() + MaxEpochLead
                || !(IsRecovering(now) || MayStartRecovery(request.Node, now)))
            {
                Keep(request, claim, now);
                continue;
            }
            if (!IsRecovering(now))
            {
                _recoveries[request.Node] = now;
                Recover(now);
            }
            RaiseEpoch(claim.Epoch + 1);
            _firstEpoch = _nextEpoch;
        }
    }

    // Two use one block, as far as they say: who has the later grant keeps it, and the other is to release it.
    private (List<LeaseGrant> Refused, List<string> Conflicts) Refuse(LeaseRequest request, DateTimeOffset now)
    {
        List<LeaseGrant> refused = [];
        List<string> news = [];
        foreach (var claim in request.Claims)
        {
            if (Find(request, claim) is not null
                || _blocks.Find(claim.Prefix) is not { IsLive: true } other || other.Epoch <= claim.Epoch)
                continue;
            refused.Add(new LeaseGrant(Pool.Name, claim.Prefix, claim.Epoch, 0, IsReleasing: true));
            if (_conflicts.Add(request.Node, other, now) is { } text)
                news.Add(text);
        }
        return (refused, news);
    }

    private bool ProvesLoss(LeaseRequest request, LeaseClaim claim) =>
        _blocks.Has(claim.Prefix)
        && (claim.Epoch >= _nextEpoch || (claim.Epoch >= _unknownFrom && claim.Epoch < _unknownTo))
        && Find(request, claim) is null;

    // Another grantor wrote the state, by a clock that may be another: what it kept is kept for the whole time that is
    // its due, by this one's. Epochs go on at this one's clock, so that none is granted twice should the state be older
    // than the last one was; those between are nobody's that is known, and whoever claims one shows just that.
    private void BeginAt(DateTimeOffset now)
    {
        _keptUntil = now + _timings.LeaseTime;
        var longest = now + (QuarantineTime > _timings.LeaseTime ? QuarantineTime : _timings.LeaseTime);
        foreach (var lease in _blocks.Leases.ToArray())
        {
            _inherited.Add(lease.Prefix);
            // What a clock wrote that was far ahead is no reason to keep a block for longer than any is kept.
            if (lease.IsLive || lease.ExpiresAt > longest)
                _blocks.Put(lease with { ExpiresAt = lease.IsLive ? _keptUntil : longest });
        }
        _unknownFrom = _unknownFrom > 0 ? _unknownFrom : _nextEpoch;
        _nextEpoch = _unknownTo = Math.Max(_nextEpoch, now.ToUnixTimeMilliseconds());
        if (_recoveringUntil is null)
            return;
        _recoveringUntil = _keptUntil;
        _firstEpoch = _nextEpoch;
    }

    private DateTimeOffset KeptUntil(PrefixLease lease) => lease.ExpiresAt > _keptUntil ? lease.ExpiresAt : _keptUntil;

    // Whatever was granted before this grantor began has run out, or is known.
    private void EndDoubt(DateTimeOffset now)
    {
        if (now >= _keptUntil)
            (_unknownFrom, _unknownTo) = (0, 0);
        if (_recoveringUntil is null || IsRecovering(now))
            return;
        _recoveringUntil = null;
        _adopted.Clear();
        Revision++;
    }

    private bool MayStartRecovery(string node, DateTimeOffset now)
    {
        foreach (var (old, _) in _recoveries.Where(start => (now - start.Value).Duration() >= Hour).ToArray())
            _recoveries.Remove(old);
        return _recoveries.Count < MaxRecoveriesPerHour && !_recoveries.ContainsKey(node);
    }

    // Who is not believed gets nothing; the block is kept from others all the same, for as long as a grant that was lost
    // may last.
    private void Keep(LeaseRequest request, LeaseClaim claim, DateTimeOffset now)
    {
        if (_blocks.Find(claim.Prefix) is null && _blocks.Of(request.Node).Length < MaxBlocksPerNode && LeavesEnough(request))
            Quarantine(new PrefixLease(
                claim.Prefix, request.Node, request.Incarnation, claim.Epoch, LeaseState.Releasing, now + _timings.LeaseTime)
            {
                GrantedAt = now,
                Sender = request.Sender,
            },
                now);
    }

    private void RaiseEpoch(long atLeast)
    {
        if (atLeast <= _nextEpoch)
            return;
        _nextEpoch = atLeast;
        Revision++;
    }
}
