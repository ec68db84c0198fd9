namespace Relay.Fleet.Tests.Local;

/// <summary>One process of a node in a <see cref="StoredWorld"/>, which uses blocks until its own deadlines.</summary>
internal sealed class StoredHolder(StoredWorld world, string node)
{
    private readonly Dictionary<(Prefix Block, long Epoch), DateTimeOffset> _held = [];
    private readonly List<LeaseClaim> _released = [];
    private long _sent;
    private long _applied;

    public string Node => node;

    public Guid Incarnation { get; } = Guid.NewGuid();

    /// <summary>The grants that it may send by at this moment.</summary>
    public IEnumerable<(Prefix Block, long Epoch)> Used =>
        _held.Where(lease => lease.Value > world.Now).Select(lease => lease.Key);

    public NodeReport Next() => new()
    {
        Node = node,
        Incarnation = Incarnation,
        Sequence = ++_sent,
        State = NodeState.Serving,
        Pools = [StoredWorld.Pool],
        Leases = [.. Used.Select(static lease => new LeaseClaim(StoredWorld.Pool, lease.Block, lease.Epoch))],
        Released = [.. _released],
        // A write that takes longer does not hold its answer up.
        StandInAfterMilliseconds = 800,
    };

    /// <summary>Stops to use everything.</summary>
    public void Release()
    {
        _released.AddRange(Used.Select(static lease => new LeaseClaim(StoredWorld.Pool, lease.Block, lease.Epoch)));
        _held.Clear();
    }

    /// <summary>Does what an answer says; not one that another has overtaken, or that took longer than the margin.</summary>
    public void Obey(NodeDirective directive, DateTimeOffset sentAt)
    {
        if (directive.Sequence <= _applied || world.Now - sentAt > StoredWorld.Timings.HolderMargin)
            return;
        _applied = directive.Sequence;
        _released.RemoveAll(claim => !directive.Leases.Any(grant => grant.Prefix == claim.Prefix));
        foreach (var grant in directive.Leases)
        {
            var key = (grant.Prefix, grant.Epoch);
            if (grant.IsReleasing)
            {
                if (_held.Remove(key))
                    _released.Add(new LeaseClaim(StoredWorld.Pool, grant.Prefix, grant.Epoch));
            }
            else if (!_released.Any(claim => claim.Prefix == grant.Prefix && claim.Epoch == grant.Epoch))
            {
                _held[key] = sentAt + TimeSpan.FromMilliseconds(grant.DurationMilliseconds);
                world.GrantsSeen++;
            }
        }
    }
}
