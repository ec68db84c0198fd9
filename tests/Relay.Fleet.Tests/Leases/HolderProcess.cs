using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>One process of a node, which uses blocks by its own monotonic clock.</summary>
internal sealed class HolderProcess(LeaseWorld world, string node, double clockRate)
{
    private readonly Guid incarnation = Guid.NewGuid();
    private readonly Dictionary<(Prefix Block, long Epoch), TimeSpan> held = [];
    private readonly List<LeaseClaim> released = [];
    private long sent;
    private long applied;

    public string Node => node;

    /// <summary>The blocks that it may send from at this moment.</summary>
    public IEnumerable<Prefix> Used => held.Where(lease => lease.Value > Clock).Select(lease => lease.Key.Block);

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
        released.AddRange(held.Keys.Select(lease => new LeaseClaim("pool", lease.Block, lease.Epoch)));
        held.Clear();
    }

    private (LeaseRequest Request, TimeSpan SentAt, long Sequence) Next()
    {
        foreach (var over in held.Where(lease => lease.Value <= Clock).Select(lease => lease.Key).ToArray())
            held.Remove(over);
        LeaseClaim[] claims = [.. held.Keys.Select(lease => new LeaseClaim("pool", lease.Block, lease.Epoch))];
        return (new LeaseRequest(node, incarnation, IsWanted: true, claims, [.. released]), Clock, ++sent);
    }

    // What a later answer has overtaken, or what is older than the margin, is not used.
    private bool Obey(LeaseAnswer answer, TimeSpan sentAt, long sequence)
    {
        if (sequence <= applied || Clock - sentAt > LeaseWorld.Timings.HolderMargin || !world.Processes.Contains(this))
            return false;
        applied = sequence;
        released.RemoveAll(claim => !answer.Grants.Any(grant => grant.Prefix == claim.Prefix));
        foreach (var grant in answer.Grants)
        {
            var key = (grant.Prefix, grant.Epoch);
            if (grant.IsReleasing)
            {
                if (held.Remove(key))
                    released.Add(new LeaseClaim("pool", grant.Prefix, grant.Epoch));
            }
            else if (!released.Any(claim => claim.Prefix == grant.Prefix && claim.Epoch == grant.Epoch))
            {
                held[key] = sentAt + TimeSpan.FromMilliseconds(grant.DurationMilliseconds);
                world.GrantsSeen++;
            }
        }
        return true;
    }
}
