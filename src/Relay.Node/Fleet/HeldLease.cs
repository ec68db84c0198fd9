using Relay.Fleet.Contract;
using Relay.Node.Egress;

namespace Relay.Node.Fleet;

/// <summary>A lease of this node, from its grant until nothing of it is used any more.</summary>
/// <param name="pool">Its pool.</param>
/// <param name="lease">What loops see of it.</param>
internal sealed class HeldLease(string pool, EgressLease lease)
{
    public string Pool { get; } = pool;

    /// <summary>The block.</summary>
    public Prefix Prefix => Lease.Prefix;

    /// <summary>What loops see of it.</summary>
    public EgressLease Lease { get; } = lease;

    /// <summary>The grant's; a fleet that has lost its state may grant the same block anew.</summary>
    public required long Epoch { get; set; }

    /// <summary>How long before the deadline new tunnels do not use it any more, on the lease clock.</summary>
    public required long StopTime { get; set; }

    /// <summary>Where it is in its life.</summary>
    public HeldLeaseState State { get; set; }

    /// <summary>It is to be given back: nothing new uses it, and what does may go on until the deadline.</summary>
    public bool IsReleasing { get; set; }

    /// <summary>The hook has heard of it, and so has to hear of its end.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>The end of its tunnels and its hook, once that has begun.</summary>
    public Task? End { get; set; }

    /// <summary>Why it could not be used so far, if it could not.</summary>
    public string? Fault { get; set; }

    /// <summary>When it may be tried again.</summary>
    public long RetryAt { get; set; }

    /// <summary>What the fleet knows it by.</summary>
    public LeaseClaim ToClaim() => new(Pool, Prefix, Epoch);
}

/// <summary>Where a lease of this node is in its life.</summary>
internal enum HeldLeaseState
{
    /// <summary>Granted; its route or hook could not be done, and will be tried again.</summary>
    Granted,

    /// <summary>Its route and hook are under way.</summary>
    Preparing,

    /// <summary>New tunnels use it.</summary>
    InUse,

    /// <summary>Only tunnels that have it already do.</summary>
    Stopped,

    /// <summary>Its tunnels are being ended, and the hook told.</summary>
    Ending,
}
