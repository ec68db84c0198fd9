using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <content>What operators see.</content>
public sealed partial class PrefixAllocator
{
    /// <summary>All that is leased, or kept from others still.</summary>
    public IEnumerable<PrefixLease> Leases => _blocks.Leases;

    /// <summary>The block that has an address of the pool; null where it is free.</summary>
    public LeaseInfo? Find(AddressBits address) => _blocks.Find(Prefix.Of(address, Pool.BlockLength))?.ToInfo(Pool.Name);

    /// <summary>How many leases are live: a pool that has any is not removed.</summary>
    public int LiveLeases => _blocks.Leases.Count(lease => lease.IsLive);

    /// <summary>The blocks in quarantine, to be retired when the pool is removed.</summary>
    public IReadOnlyList<PrefixLease> Quarantined => [.. _blocks.Leases.Where(lease => !lease.IsLive)];

    /// <summary>The pool and how much of it is in use.</summary>
    public PrefixPoolInfo ToInfo()
    {
        var live = LiveLeases;
        return new PrefixPoolInfo
        {
            Pool = Pool,
            Blocks = _blocks.Count,
            Held = live,
            Quarantined = _blocks.Leases.Count() - live,
            Free = Math.Max(0, _blocks.Free),
            Excluded = _blocks.Excluded,
            GrantsFrom = _recoveringUntil,
            Conflicts = _conflicts.Texts,
            SharedOut = [.. _shareFaults.Values.Select(static fault => fault.Text)],
        };
    }

    /// <summary>The blocks that are not free, in order of address.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cursor">From <see cref="Page{T}.Next"/>; null, or a text that is none, for the first.</param>
    public Page<LeaseInfo> List(int limit, string? cursor) => PrefixLease.List(_blocks.Leases, Pool.Name, limit, cursor);

    /// <summary>The live leases of a node.</summary>
    public IReadOnlyList<LeaseInfo> Of(string node) =>
        [.. _blocks.Of(node).Where(lease => lease.IsLive).Select(lease => lease.ToInfo(Pool.Name))];

    /// <summary>What to tell of an answer.</summary>
    public IEnumerable<FleetEvent> EventsOf(LeaseAnswer answer, DateTimeOffset now) =>
        EventsOf(answer.Expired, now).Concat(EventsOf(answer.Changed, now)).Concat(answer.Conflicts.Select(
            text => FleetEvent.Of(FleetEventKind.Lease, text, now)));

    /// <summary>What to tell of leases that changed.</summary>
    public IEnumerable<FleetEvent> EventsOf(IEnumerable<PrefixLease> changed, DateTimeOffset now) =>
        changed.Select(lease => EventOf(lease, TextOf(lease), now));

    /// <summary>What to tell of leases that ran out, and of blocks that are free again.</summary>
    public IEnumerable<FleetEvent> EventsOf(LeaseExpiry expiry, DateTimeOffset now) =>
        EventsOf(expiry.Quarantined, now)
            .Concat(expiry.Freed.Select(
                lease => EventOf(lease, $"{lease.Prefix} of pool {Pool.Name} is free again", now)));

    private FleetEvent EventOf(PrefixLease lease, string text, DateTimeOffset now) =>
        FleetEvent.Of(FleetEventKind.Lease, text, now) with { Node = lease.Node, Lease = lease.ToInfo(Pool.Name) };

    private string TextOf(PrefixLease lease) => lease.State switch
    {
        LeaseState.Pending => $"{lease.Prefix} of pool {Pool.Name} is granted to {lease.Node}",
        LeaseState.Held => $"{lease.Node} uses {lease.Prefix} of pool {Pool.Name}",
        LeaseState.Releasing => $"{lease.Node} is to give {lease.Prefix} of pool {Pool.Name} back",
        _ => $"{lease.Prefix} of pool {Pool.Name}, last {lease.Node}'s, is quarantined",
    };
}

/// <summary>What time did to leases.</summary>
/// <param name="Quarantined">Leases that ran out, as they are now.</param>
/// <param name="Freed">Blocks whose quarantine is over, as they last were.</param>
public sealed record LeaseExpiry(IReadOnlyList<PrefixLease> Quarantined, IReadOnlyList<PrefixLease> Freed)
{
    /// <summary>Nothing.</summary>
    public static LeaseExpiry None { get; } = new([], []);
}
