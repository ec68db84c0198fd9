using Relay.Node.Io;

namespace Relay.Node.Egress;

/// <summary>
/// Keeps a loop from using a lease beyond its deadline, whatever the rest of the process does meanwhile: each turn
/// looks at the clock before anything is sent. One that was stopped or suspended for long so finds out first.
/// </summary>
/// <param name="egress">The leases.</param>
/// <param name="end">Ends the loop's tunnels that use a lease.</param>
internal sealed class LeaseGuard(EgressState egress, Action<EgressLease> end) : ILoopPhase
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
        foreach (var lease in leases)
        {
            if (now >= lease.Deadline && !_ended.Contains(lease))
                End(lease);
        }
        return false;
    }

    /// <inheritdoc/>
    public bool Write() => false;

    private void End(EgressLease lease)
    {
        var held = egress.Current.Leases;
        _ended.RemoveAll(ended => !held.Contains(ended));
        _ended.Add(lease);
        egress.Withdraw(lease);
        end(lease);
    }
}
