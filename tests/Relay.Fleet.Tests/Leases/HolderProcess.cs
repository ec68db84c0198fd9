using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>One process of a node, which uses blocks by its own monotonic clock.</summary>
internal sealed class HolderProcess(LeaseWorld world, string node, double clockRate)
{
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly Dictionary<(Prefix Block, long Epoch), TimeSpan> _held = [];
    private readonly List<LeaseClaim> _released = [];
    private long _sent;
    private long _applied;

    public string Node => node;

    /// <summary>The blocks that it may send from at this moment.</summary>
    public IEnumerable<Prefix> Used => _held.Where(lease => lease.Value > Clock).Select(lease => lease.Key.Block);

    private TimeSpan Clock => world.Now * clockRate;

    /// <summary>Sends a report into the network; its answer comes back through it as well.</summary>
    public void Report(int grantorChoice)
    {
        var (request, sentAt, sequence) = Next();
        world.Send(() =>
        {
            if (world.AnyGrantor(grantorChoice).Answer(request) is { } answer)
                world.Send(() => Obey(answer, sentAt, sequence));
            return true;
        });
    }

    /// <summary>A report whose answer comes at once.</summary>
    public void Report(LeaseWorld.Grantor grantor, bool isWanted = true)
    {
        var (request, sentAt, sequence) = Next();
        request = request with { IsWanted = isWanted };
        if (grantor.Answer(request) is { } answer)
            Obey(answer, sentAt, sequence);
    }

    /// <summary>Stops to use everything, as before it ends in order.</summary>
    public void Release()
    {
        _released.AddRange(_held.Keys.Select(lease => new LeaseClaim("pool", lease.Block, lease.Epoch)));
        _held.Clear();
    }

    private (LeaseRequest Request, TimeSpan SentAt, long Sequence) Next()
    {
        foreach (var over in _held.Where(lease => lease.Value <= Clock).Select(lease => lease.Key).ToArray())
            _held.Remove(over);
        LeaseClaim[] claims = [.. _held.Keys.Select(lease => new LeaseClaim("pool", lease.Block, lease.Epoch))];
        return (new LeaseRequest(node, _incarnation, IsWanted: true, claims, [.. _released]), Clock, ++_sent);
    }

    // What a later answer has overtaken, or what is older than the margin, is not used.
    private bool Obey(LeaseAnswer answer, TimeSpan sentAt, long sequence)
    {
        if (sequence <= _applied || Clock - sentAt > LeaseWorld.Timings.HolderMargin || !world.Processes.Contains(this))
            return false;
        _applied = sequence;
        _released.RemoveAll(claim => !answer.Grants.Any(grant => grant.Prefix == claim.Prefix));
        foreach (var grant in answer.Grants)
        {
            var key = (grant.Prefix, grant.Epoch);
            if (grant.IsReleasing)
            {
                if (_held.Remove(key))
                    _released.Add(new LeaseClaim("pool", grant.Prefix, grant.Epoch));
            }
            else if (!_released.Any(claim => claim.Prefix == grant.Prefix && claim.Epoch == grant.Epoch))
            {
                _held[key] = sentAt + TimeSpan.FromMilliseconds(grant.DurationMilliseconds);
                world.GrantsSeen++;
            }
        }
        return true;
    }
}
