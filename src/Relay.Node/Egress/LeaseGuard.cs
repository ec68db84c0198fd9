using Relay.Node.Io;

namespace Relay.Node.Egress;

/// <summary>
/// Keeps a loop from using a lease beyond its deadline, whatever the rest of the process does meanwhile: each turn
/// looks at the clock before anything is sent. One that was stopped or suspended for long so finds out first.
/// </summary>
/// <param name="loop">The loop.</param>
/// <param name="egress">The leases.</param>
/// <param name="end">Ends the loop's tunnels that use a lease.</param>
internal sealed class LeaseGuard(ILoop loop, EgressState egress, Action<EgressLease> end) : ILoopPhase
{
    private readonly List<EgressLease> _ended = [];

    /// <inheritdoc/>
    public bool HasWork => false;

    /// <inheritdoc/>
    public bool Receive()
    {
        var leases = egress.Current.Leases;
        if (leases.IsEmpty)
            return false;
        var now = egress.Clock.GetTimestamp();
        var isLeft = false;
        foreach (var lease in leases)
            isLeft |= now >= lease.Deadline && !_ended.Contains(lease) && !TryEnd(lease);
        return isLeft;
    }

    /// <inheritdoc/>
    public bool Write() => false;

    /// <returns>False where there was no memory for all of it: the next turn does it again.</returns>
    private bool TryEnd(EgressLease lease)
    {
        try
        {
            end(lease);
            egress.Withdraw(lease);
            var held = egress.Current.Leases;
            _ended.RemoveAll(ended => !held.Contains(ended));
            // Last: what is noted is not looked at again.
            _ended.Add(lease);
            return true;
        }
        catch (OutOfMemoryException e)
        {
            loop.OnOutOfMemory(e);
            return false;
        }
    }
}
